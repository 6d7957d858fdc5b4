"""The little of SVG that the report draws with."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup, escape


def tag(name: str, content: str | Markup = "", **attributes: object) -> Markup:
    """Return an element; attribute names take `_` for `-`, and a leading one for Python's own words."""
    told = "".join(f' {key.strip("_").replace("_", "-")}="{escape(_short(v))}"' for key, v in attributes.items())
    return Markup(f"<{name}{told}>{escape(content)}</{name}>")


def _short(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def join(parts: list[Markup]) -> Markup:
    """Return elements one after another."""
    return Markup("\n").join(parts)


def drawing(width: float, height: float, parts: list[Markup], label: str) -> Markup:
    """Return a whole SVG that scales to its page; `label` is what a screen reader says."""
    inside = join([tag("title", label), *parts])
    return tag("svg", inside, viewBox=f"0 0 {width:.0f} {height:.0f}", role="img")


def text(x: float, y: float, content: str, kind: str = "", anchor: str = "start") -> Markup:
    """Return a line of text on its baseline."""
    return tag("text", content, x=x, y=y, _class=kind, text_anchor=anchor)


def bar(x: float, y: float, width: float, height: float, kind: str, title: str = "") -> Markup:
    """Return a rectangle, never thinner than can be seen, with a tooltip."""
    inside = tag("title", title) if title else Markup("")
    return tag("rect", inside, x=x, y=y, width=max(width, 0.7), height=height, _class=kind)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, _class=kind)


@dataclass(frozen=True)
class Scale:
    """A straight map from values to pixels."""

    low: float
    high: float
    left: float
    right: float

    def __call__(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)

    def ticks(self, wanted: int = 10) -> list[float]:
        """Return round values inside the scale: 1, 2 or 5 times a power of ten apart."""
        raw = (self.high - self.low) / wanted
        power = 10 ** math.floor(math.log10(raw))
        step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw)
        first = math.ceil(self.low / step - 1e-9)
        return [round(n * step, 10) for n in range(first, math.floor(self.high / step + 1e-9) + 1)]
