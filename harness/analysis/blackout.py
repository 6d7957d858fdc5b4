"""The longest time in which no request was answered, with bounds from the sampling."""

from __future__ import annotations

from bisect import bisect_left

from harness.analysis.faults import FaultSpan
from harness.clock import NS, AtLeast, Bounds, Measured
from harness.history import Event, History


def blackout(history: History, fault: FaultSpan) -> Measured:
    """Return the longest blackout from a fault to the next one; AtLeast where service had not come back by then.

    A successful request proves that the chain served at some moment between its sending and its answer. So the
    greatest possible blackout starts no earlier than some success was sent, and ends with the earliest answer to any
    request that was sent later; the least is the longest stretch of failed requests that no success overlaps.
    """
    start, end = fault.injected.start_ns, fault.until_ns
    probes = [e for e in history.of("probe") if e.data["error"] != "capped"]
    answered = [(e.data["sent_ns"], e.t_ns) for e in probes if ok(e) and e.t_ns >= start and e.data["sent_ns"] <= end]
    failed = sorted(s for e in probes if not ok(e) and (s := e.data.get("sent_ns") or e.data["due_ns"]) is not None)
    if not probes:
        return None
    sent = [s for s, _ in answered if s <= end]
    last_sent = max([start, *sent])
    quiet_ns = end - last_sent
    ended = _greatest(start, answered)
    if quiet_ns > ended and _failed_between(failed, last_sent, end):
        return AtLeast(quiet_ns / NS)
    return Bounds(min(_least(start, end, answered, failed), ended) / NS, ended / NS)


def ok(probe: Event) -> bool:
    """Say whether a request was answered, and well."""
    return probe.data["error"] is None


def _greatest(start: int, answered: list[tuple[int, int]]) -> int:
    """Return the greatest distance from one start to the earliest answer among all that were sent later."""
    spans = sorted((max(s, start), d) for s, d in answered)
    earliest = None
    greatest = 0
    for sent, done in reversed(spans):
        if earliest is not None:
            greatest = max(greatest, earliest - sent)
        earliest = done if earliest is None else min(earliest, done)
    return max(greatest, earliest - start) if earliest is not None else 0


def _least(start: int, end: int, answered: list[tuple[int, int]], failed: list[int]) -> int:
    least, covered = 0, start
    for sent, done in [*sorted(answered), (end, end)]:
        if sent > covered and (inside := _failed_between(failed, covered, sent)):
            least = max(least, inside[-1] - inside[0])
        covered = max(covered, done)
    return least


def _failed_between(failed: list[int], start: int, end: int) -> list[int]:
    return failed[bisect_left(failed, start) : bisect_left(failed, end)]
