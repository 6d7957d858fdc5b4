"""One lane a part of each node, and the requests under them, on one axis of time."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import pairwise

from markupsafe import Markup

from harness.analysis.faults import end_ns, epoch_ns, faults
from harness.analysis.lanes import Lane, Roles, darkness, lanes
from harness.analysis.owners import tenures
from harness.clock import NS
from harness.events import Due, Probe
from harness.history import History
from harness.report import svg

WIDTH, LEFT, RIGHT = 1120.0, 130.0, 1100.0
ROW, GAP, TOP = 13.0, 12.0, 34.0
COUNTS_HEIGHT, LATENCY_HEIGHT = 90.0, 110.0
BINS = 240


def timeline(history: History, roles: Roles | None = None) -> Markup:
    """Return the drawing of a whole trial; `roles` are each node's, all of them unless told."""
    zero, end = epoch_ns(history), end_ns(history)
    found = faults(history)
    rows = lanes(history, found, tenures(history, found), end, roles)
    x = svg.Scale(0, max((end - zero) / NS, 1.0), LEFT, RIGHT)
    tops = _tops(rows)
    bottom = max(tops.values(), default=TOP) + ROW + GAP
    height = bottom + COUNTS_HEIGHT + LATENCY_HEIGHT + 80
    parts = [svg.line(x(t), TOP - 6, x(t), height - 24, "grid") for t in x.ticks()]
    parts += [svg.text(x(t), height - 8, f"{t:g} s", "tick", "middle") for t in x.ticks()]
    for node, word, start, until in darkness(found, end):
        own = [top for (n, _), top in tops.items() if n == node] or [TOP]
        at, width = x((start - zero) / NS), x((until - start) / NS) - x(0)
        parts.append(svg.bar(at, min(own) - 1, width, max(own) - min(own) + ROW, "off", f"{node} is {word}"))
    for before, lane in pairwise([None, *rows]):
        assert lane is not None
        first = before is None or before.node != lane.node
        parts += _lane(lane, first, tops[lane.node, lane.name], x, zero)
    parts += _counts(history, x, zero, bottom + 14)
    parts += _latency(history, x, zero, bottom + COUNTS_HEIGHT + 46)
    for fault in found:
        parts += _marker(f"{fault.name} {fault.node}", x((fault.injected.start_ns - zero) / NS), height, "fault")
        if fault.healed:
            parts += _marker(
                "heal" if fault is found[0] else "", x((fault.healed.start_ns - zero) / NS), height, "heal"
            )
    return svg.drawing(WIDTH, height, parts, "What every part of the chain did, and what became of the requests")


def _tops(rows: list[Lane]) -> dict[tuple[str, str], float]:
    tops, y, last = {}, TOP, None
    for lane in rows:
        if last is not None and lane.node != last:
            y += GAP
        tops[lane.node, lane.name] = y
        y, last = y + ROW, lane.node
    return tops


def _lane(lane: Lane, first: bool, top: float, x: svg.Scale, zero: int) -> list[Markup]:
    parts = [svg.text(LEFT - 6, top + 10, lane.name, "tick", "end")]
    if first:
        parts.append(svg.text(8, top + 11, lane.node, "name"))
    for bar in lane.bars:
        start, end = (bar.start_ns - zero) / NS, (bar.end_ns - zero) / NS
        if end <= 0:
            continue
        title = f"{lane.node} {lane.name}: {bar.state}, {max(start, 0):.3f}–{end:.3f} s"
        parts.append(
            svg.bar(x(start), top + 1.5, x(end) - x(start), ROW - 3, f"bar {_kind(lane.name, bar.state)}", title)
        )
    return parts


def _kind(lane: str, state: str) -> str:
    if lane == "backends up":
        up, _, of = state.partition("/")
        return "all" if up == of else "none" if up == "0" else "some"
    return {"held": "vip"}.get(state, state.lower())


def _counts(history: History, x: svg.Scale, zero: int, top: float) -> list[Markup]:
    """Draw how many requests each bin of time sent, by what became of them."""
    bins: dict[int, Counter[str]] = defaultdict(Counter)
    width_s = math.ceil(100 * x.high / BINS) / 100  # whole hundredths hold whole numbers of requests
    for probe in history.of(Due):
        bins[int((probe.data.due_ns - zero) / NS / width_s)][probe.data.error or "ok"] += 1
    most = max((sum(c.values()) for c in bins.values()), default=1)
    y = svg.Scale(0, most, 0, COUNTS_HEIGHT)
    parts = [
        svg.text(8, top + 10, "requests", "name"),
        svg.text(LEFT - 6, top + 10, f"{most / width_s:.0f}/s", "tick", "end"),
    ]
    for number, counts in sorted(bins.items()):
        base = top + COUNTS_HEIGHT
        for kind in sorted(counts, key=lambda k: (k != "ok", k)):
            high = y(counts[kind])
            base -= high
            title = f"{number * width_s:.2f} s: {counts[kind]} {kind}"
            parts.append(
                svg.bar(x(number * width_s), base, x(width_s) - x(0) + 0.2, high, f"req {_error(kind)}", title)
            )
    return parts


def _error(kind: str) -> str:
    return f"e-{kind}" if kind != "ok" else "ok"


def _latency(history: History, x: svg.Scale, zero: int, top: float) -> list[Markup]:
    """Draw the answered requests' least and greatest latency in each bin, on a logarithmic axis."""
    y = svg.Scale(math.log10(0.5), math.log10(2000), top + LATENCY_HEIGHT, top)
    parts = [svg.text(8, top + 10, "latency", "name")]
    for value, told in ((1, "1 ms"), (10, "10 ms"), (100, "100 ms"), (1000, "1 s")):
        at = y(math.log10(value))
        parts += [svg.line(LEFT, at, RIGHT, at, "grid"), svg.text(LEFT - 6, at + 4, told, "tick", "end")]
    width_s = x.high / (2 * BINS)
    for stream in ("fresh", "kept"):
        spans: dict[int, list[float]] = defaultdict(list)
        for probe in history.of(Probe, stream=stream, error=None):
            data = probe.data
            spans[int((data.due_ns - zero) / NS / width_s)].append((data.done_ns - data.due_ns) / 1e6)
        for number, values in sorted(spans.items()):
            low, high = y(math.log10(min(values))), y(math.log10(max(values)))
            at = x(number * width_s)
            title = f"{stream} at {number * width_s:.2f} s: {min(values):.1f}–{max(values):.1f} ms"
            parts.append(svg.bar(at, high, 1.4, max(low - high, 1.2), f"lat {stream}", title))
    return parts


def _marker(told: str, x: float, height: float, kind: str) -> list[Markup]:
    return [svg.line(x, TOP - 10, x, height - 24, kind), svg.text(x + 3, TOP - 14, told, kind)]
