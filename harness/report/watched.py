"""What watching a cluster came to, as tables in the terminal and in a page."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from harness.figures import told, told_interval
from harness.report.html import environment
from harness.report.layout import Paragraph, Rows
from harness.report.watched_timeline import timeline
from harness.report.words import ENDED, ERRORS, milliseconds
from harness.watched import Watched

OF = ENDED | ERRORS


def table(watched: Watched) -> RenderableType:
    """Return everything that was seen."""
    head = Text.assemble((watched.endpoint, "bold"), f", {watched.duration_s:.0f} s from {watched.started} on")
    parts: list[RenderableType] = ["", Paragraph(head), ""]
    for rows in _tables(watched):
        parts += [rows, ""]
    if not watched.outages:
        parts.append(Paragraph(Text("no request failed", "green")))
    return Group(*parts, *(Paragraph(Text(one, "yellow"), hang=2) for one in watched.remarks))


def page(watched: Watched) -> bytes:
    """Return the same as a page for a browser."""
    found = (
        environment()
        .get_template("watched.html.j2")
        .render(watched=watched, tables=list(_tables(watched)), timeline=timeline(watched))
    )
    return found.encode()


def _tables(watched: Watched) -> Iterator[Rows]:
    every = (_outages(watched), _marks(watched), _held(watched), _speakers(watched), _streams(watched))
    return (rows for rows in every if rows.rows)


def _outages(watched: Watched) -> Rows:
    grid = Rows(("outages", "at, s", "lasted, s", "failed"), note="how")
    for one in watched.outages:
        how = ", ".join(f"{OF.get(kind, kind)} {count}" for kind, count in one.errors.items())
        if one.over_s is not None:
            how = f"the longest of those in {one.over_s:.3f} s, with {one.answered} answered between; {how}"
        grid.add(one.stream, f"{one.at_s:.3f}", Text(told(one.lasted_s), "bold"), str(one.failed), note=how)
    return grid


def _marks(watched: Watched) -> Rows:
    grid = Rows(("marked", "at, s", "longest outage from there, s"), note="what the profile would have last as long")
    for one in watched.marks:
        fits = "; ".join(f"{failure}: {told_interval(watched.predicted[failure])} s" for failure in one.fits)
        unlike = "nothing of it" if watched.predicted else ""
        grid.add(one.text or "(nothing said)", f"{one.at_s:.3f}", told(one.dark_s), note=fits or unlike)
    return grid


def _held(watched: Watched) -> Rows:
    grid = Rows(("who answered for the VIP", "from, s", "to, s", "probes"))
    for one in watched.held:
        who = " and ".join(one.macs) if one.macs else "nobody"
        grid.add(
            Text(who, "" if len(one.macs) == 1 else "red"), f"{one.from_s:.3f}", f"{one.to_s:.3f}", str(one.probes)
        )
    return grid


def _speakers(watched: Watched) -> Rows:
    grid = Rows(("who sent VRRP adverts", "router", "adverts"), note="priority, from when")
    for one in watched.speakers:
        told_ = ", ".join(f"{priority} from {at_s:.3f} s" for at_s, priority in one.priorities)
        grid.add(one.source, str(one.vrid), str(one.adverts), note=told_)
    return grid


def _streams(watched: Watched) -> Rows:
    grid = Rows(("requests", "sent", "failed", "p50 ms", "p99 ms", "max ms"))
    for name, s in watched.streams.items():
        grid.add(name, str(s.sent), str(s.failed), *(milliseconds(s.latency_ms[key]) for key in ("p50", "p99", "max")))
    return grid
