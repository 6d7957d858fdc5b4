"""Who held the VIP when, and for how long nobody or several did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from harness.analysis.faults import FaultSpan
from harness.clock import NS, Bounds, Span
from harness.events import Vip
from harness.history import History

Change = tuple[Span, bool]  # when the VIP came to a node, or left it
NOBODY, SEVERAL = range(1), range(2, 99)  # how many owners


class Tenure(msgspec.Struct, frozen=True):
    """A node held the VIP from `begin` to `end`; None where it still did when the history ended."""

    node: str
    begin: Span
    end: Span | None


def tenures(history: History, faults: Iterable[FaultSpan], surely: bool = False) -> list[Tenure]:
    """Return every tenure in order of its begin; a node that fell silent lost its VIP in the fault's span.

    One that resumes has it again from healing on, where its kernel has kept it. `surely` counts each change from when
    its observer had last found none: it may have waited for its turn since.
    """
    silent = [fault for fault in faults if fault.silences]
    found: list[Tenure] = []
    for node in {e.node for e in history.of(Vip)}:
        told = list(history.of(Vip, node))
        since = [e.data.looked_ns if surely and e.data.looked_ns is not None else e.t_ns for e in told]
        kernel = [(Span(t_ns, e.t_ns), e.data.present) for t_ns, e in zip(since, told, strict=True)]
        own = [fault for fault in silent if fault.node == node]
        seen = [change for change in kernel if not any(_within(fault, change[0]) for fault in own)]
        changes = [*seen, *(change for fault in own for change in _silence(fault, kernel))]
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


def _silence(fault: FaultSpan, kernel: list[Change]) -> Iterator[Change]:
    """Yield what a silence does to a node's VIP: it is gone, and back with a node that has kept it."""
    yield fault.injected, False
    if fault.resumes and fault.healed:
        had = [present for span, present in kernel if span.start_ns <= fault.healed.start_ns]
        if had and had[-1]:
            yield fault.healed, True


def _within(fault: FaultSpan, span: Span) -> bool:
    """Say whether a node's kernel told something while nobody heard of the node, which runs on where it is cut off."""
    begun = fault.isolates and fault.injected.end_ns < span.start_ns
    return begun and (fault.healed is None or span.start_ns < fault.healed.start_ns)


def owners_at(found: Iterable[Tenure], t_ns: int) -> list[str]:
    """Return the nodes that held the VIP at a moment."""
    return [t.node for t in found if t.begin.end_ns <= t_ns and (t.end is None or t.end.start_ns >= t_ns)]


def held_by(found: list[Tenure], count: range, start_ns: int, end_ns: int) -> Bounds:
    """Return for how long between two moments the number of owners was in `count`: surely, and possibly."""
    steps = sorted(step for tenure in found for step in _steps(tenure, start_ns, end_ns))
    surely = possibly = 0  # owners
    since, least, most = start_ns, 0, 0
    for t_ns, sure, possible in [*steps, (end_ns, 0, 0)]:
        if possibly >= count.start and surely < count.stop:
            most += t_ns - since
        if surely >= count.start and possibly < count.stop:
            least += t_ns - since
        since, surely, possibly = t_ns, surely + sure, possibly + possible
    return Bounds(least / NS, most / NS)


def _steps(tenure: Tenure, start_ns: int, end_ns: int) -> Iterator[tuple[int, int, int]]:
    """Yield (t_ns, step of the sure owners, of the possible ones) between two moments."""
    begin, end = tenure.begin, tenure.end or Span(end_ns, end_ns)
    for first, last, sure, possible in ((begin.start_ns, end.end_ns, 0, 1), (begin.end_ns, end.start_ns, 1, 0)):
        first, last = max(first, start_ns), min(last, end_ns)
        if first < last:
            yield from ((first, sure, possible), (last, -sure, -possible))
