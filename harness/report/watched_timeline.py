"""A watched cluster on one axis of time: who answered for the VIP, who advertised, which streams failed, the marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import cycle
from math import isinf

from markupsafe import Markup

from harness.figures import told
from harness.report import svg
from harness.watched import Held, Outage, Watched

WIDTH, LEFT, RIGHT = 1120.0, 170.0, 1100.0
ROW, TOP = 18.0, 34.0
HOLDERS = ("vip", "up", "kept", "backup")  # a colour each, and again from the first
Bar = tuple[float, float, str, str]  # from, to, its class, what it says


def timeline(watched: Watched) -> Markup:
    """Return the drawing; an outage is as long as it may have been at most, and what it was at least is darker."""
    x = svg.Scale(0, max(watched.duration_s, 1.0), LEFT, RIGHT)
    rows = list(_rows(watched))
    height = TOP + ROW * len(rows) + 40
    parts = [svg.line(x(t), TOP - 6, x(t), height - 24, "grid") for t in x.ticks()]
    parts += [svg.text(x(t), height - 8, f"{t:g} s", "tick", "middle") for t in x.ticks()]
    for number, (name, bars) in enumerate(rows):
        top = TOP + ROW * number
        parts.append(svg.text(LEFT - 6, top + 12, name, "tick", "end"))
        for start_s, end_s, kind, said in bars:
            parts.append(svg.bar(x(start_s), top + 2, x(end_s) - x(start_s), ROW - 4, f"bar {kind}", said))
    for mark in watched.marks:
        parts.append(svg.line(x(mark.at_s), TOP - 10, x(mark.at_s), height - 24, "fault"))
        parts.append(svg.text(x(mark.at_s) + 3, TOP - 14, mark.text or "marked", "fault"))
    return svg.drawing(WIDTH, height, parts, "When the VIP answered and by whom, and when requests were not answered")


def _rows(watched: Watched) -> Iterator[tuple[str, list[Bar]]]:
    if watched.held:
        alone = list(dict.fromkeys(one.macs[0] for one in watched.held if len(one.macs) == 1))
        colours = dict(zip(alone, cycle(HOLDERS), strict=False))
        yield "VIP answered by", [_held(one, colours) for one in watched.held]
    for speaker in watched.speakers:
        ends = [*(at_s for at_s, _ in speaker.priorities[1:]), watched.duration_s]
        spans = zip(speaker.priorities, ends, strict=True)
        bars = [(at_s, end_s, "backup", f"priority {priority} from {at_s:.3f} s") for (at_s, priority), end_s in spans]
        yield f"adverts of {speaker.source}", bars
    for name in dict.fromkeys([*watched.streams, *(one.stream for one in watched.outages)]):
        yield name, [bar for one in watched.outages if one.stream == name for bar in _outage(watched, one)]


def _held(one: Held, colours: Mapping[str, str]) -> Bar:
    who = " and ".join(one.macs) or "nobody"
    kind = colours[one.macs[0]] if len(one.macs) == 1 else "none"
    return one.from_s, one.to_s, kind, f"{who}, {one.from_s:.3f}–{one.to_s:.3f} s"


def _outage(watched: Watched, one: Outage) -> Iterator[Bar]:
    """Yield an outage as it may have been, and over it what it was at least."""
    end_s = watched.duration_s if isinf(one.lasted_s.max) else one.at_s + (one.over_s or one.lasted_s.max)
    said = f"{one.stream} from {one.at_s:.3f} s on: {told(one.lasted_s)} s, {one.failed} failed"
    if one.over_s is not None:
        yield one.at_s, end_s, "some", f"{said} in {one.over_s:.3f} s, {one.answered} answered"
        return
    yield one.at_s, end_s, "some", said
    yield one.at_s, one.at_s + one.lasted_s.min, "none", said
