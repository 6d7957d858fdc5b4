"""Who held the VIP when, and for how long nobody or several did."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harness.analysis.faults import FaultSpan
from harness.clock import NS, Bounds, Span
from harness.history import History


class Tenure(msgspec.Struct, frozen=True):
    """A node held the VIP from `begin` to `end`; None where it still did when the history ended."""

    node: str
    begin: Span
    end: Span | None


def tenures(history: History, faults: Iterable[FaultSpan]) -> list[Tenure]:
    """Return every tenure in order of its begin; a node that fell silent lost its VIP in the fault's span."""
    silenced: dict[str, list[Span]] = {}
    for fault in faults:
        if fault.silences:
            silenced.setdefault(fault.node, []).append(fault.injected)
    found: list[Tenure] = []
    for node in {e.node for e in history.of("vip")}:
        changes = [(Span(e.t_ns, e.t_ns), bool(e.data["present"])) for e in history.of("vip", node)]
        changes += [(span, False) for span in silenced.get(node, ())]
        begin: Span | None = None
        # One that comes and goes within a reading has one stamp for both: the order told is the order of the deeds.
        for span, present in sorted(changes, key=lambda change: change[0]):
            if present and begin is None:
                begin = span
            elif not present and begin is not None:
                found.append(Tenure(node, begin, span))
                begin = None
        if begin is not None:
            found.append(Tenure(node, begin, None))
    return sorted(found, key=lambda t: (t.begin, t.node))


def owners_at(found: Iterable[Tenure], t_ns: int) -> list[str]:
    """Return the nodes that held the VIP at a moment."""
    return [t.node for t in found if t.begin.end_ns <= t_ns and (t.end is None or t.end.start_ns >= t_ns)]


def held_by(found: list[Tenure], count: range, start_ns: int, end_ns: int) -> Bounds:
    """Return for how long between two moments the number of owners was in `count`."""
    lengths = [_length(found, count, start_ns, end_ns, late) for late in (False, True)]
    return Bounds(min(lengths), max(lengths))


def _length(found: list[Tenure], count: range, start_ns: int, end_ns: int, late: bool) -> float:
    """Take every change at the early or the late end of its span, and add up."""
    changes = []
    for tenure in found:
        changes.append((tenure.begin.end_ns if late else tenure.begin.start_ns, 1))
        if tenure.end is not None:
            changes.append((tenure.end.end_ns if late else tenure.end.start_ns, -1))
    owners, since, total = 0, start_ns, 0
    for t_ns, step in [*sorted(changes), (end_ns, 0)]:
        moment = min(max(t_ns, start_ns), end_ns)
        if owners in count:
            total += moment - since
        since = moment
        owners += step
    return total / NS
