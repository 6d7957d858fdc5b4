"""The longest time in which no request was answered, with bounds from the sampling."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from harness.analysis.faults import FaultSpan
from harness.clock import NS, Bounds, Measured, at_least
from harness.events import Due, Probe
from harness.history import Event, History

# The least time after which Linux sends a lost segment again (TCP_RTO_MIN): a lost request is not answered sooner,
# and what is overtaken in less than half of it was only slow.
RESENT_NS = 200_000_000
_STAGES = (("connected_ns", "hello_ns"), ("tls_ns", "asked_ns"))  # what was reached, and what left then
WAITED = ("connect_timeout", "tls", "response_timeout")  # errors that only say that the time was up


def blackout(history: History, fault: FaultSpan) -> Measured:
    """Return the longest blackout from a fault to the next one; unended where service had not come back by then."""
    return longest(history.of(Probe), fault.injected.start_ns, fault.until_ns)


def longest(probes: Iterable[Event[Probe]], start_ns: int, end_ns: int) -> Measured:
    """Return the longest blackout between two moments, as a set of requests saw it; None without requests.

    An answered request proves that the chain served while its TLS handshake went on, and again between the end of
    that, or its leaving on a kept connection, and its answer. So the greatest possible blackout starts no earlier
    than some answered request left, and ends with the earliest proof by any that came later. In the least one lie
    requests that were lost: that failed, were overtaken by one that was sent after them and answered before them, or
    stalled for longer than a loss takes.
    """
    sent = sorted(probes, key=lambda e: e.data.sent_ns)
    if not sent:
        return None
    answers = [e for e in sent if ok(e) and e.t_ns >= start_ns and e.data.sent_ns <= end_ns]
    # What proves service only after the end lies beside others' that are not looked at.
    proofs = sorted(proof for e in answers for proof in _proofs(e) if proof[0] <= end_ns)
    greatest = _greatest(start_ns, proofs)
    quiet_ns = end_ns - max([start_ns, *(at for at, _ in proofs)])
    failed = [e.data.sent_ns for e in sent if not ok(e)]
    if quiet_ns > greatest and _between(failed, end_ns - quiet_ns, end_ns):
        return at_least(quiet_ns / NS)
    lost = [one for one in _lost(sent) if one.after_ns <= end_ns]  # what comes later is another blackout's
    return Bounds(min(_least(start_ns, end_ns, lost, proofs), greatest) / NS, greatest / NS)


def ok(probe: Event[Due]) -> bool:
    """Say whether a request was answered, and well."""
    return probe.data.error is None


def _proofs(answer: Event[Probe]) -> list[tuple[int, int]]:
    """Return the spans in each of which the chain served: the handshake's, and the request's own."""
    secured = answer.data.tls_ns
    if secured is None:
        return [(answer.data.sent_ns, answer.t_ns)]
    return [(answer.data.connected_ns or answer.data.sent_ns, secured), (secured, answer.t_ns)]


def _greatest(start: int, proofs: list[tuple[int, int]]) -> int:
    """Return the greatest distance from the start of one proof to the earliest end of all that start later."""
    earliest: int | None = None
    greatest = 0
    for begin, end in reversed([(max(begin, start), end) for begin, end in proofs]):
        if earliest is not None:
            greatest = max(greatest, earliest - begin)
        earliest = end if earliest is None else min(earliest, end)
    return max(greatest, earliest - start) if earliest is not None else 0


class _Lost(NamedTuple):
    """A moment, known between two stamps, at which the chain was broken."""

    after_ns: int
    before_ns: int


def _lost(sent: list[Event[Probe]]) -> list[_Lost]:
    """Return what shows the chain broken, in order: requests that failed, were overtaken, or stalled."""
    lost = []
    earliest: int | None = None
    for probe in reversed(sent):
        took = probe.t_ns - probe.data.sent_ns
        overtaken = earliest is not None and earliest < probe.t_ns and took > RESENT_NS // 2
        if not ok(probe) or overtaken or took > RESENT_NS:
            lost.append(_shown(probe))
        if ok(probe):
            earliest = probe.t_ns if earliest is None else min(earliest, probe.t_ns)
    return sorted(lost)


def _shown(probe: Event[Probe]) -> _Lost:
    """Return when a lost request shows the chain broken.

    One that was refused shows it at its refusal, one of whose segments was lost at that one's leaving. Any other was
    stopped at an unknown moment after the last stage it reached: while it could still be taken for slow.
    """
    if not ok(probe) and probe.data.error not in WAITED:
        return _Lost(probe.t_ns, probe.t_ns)
    asked = reached = probe.data.sent_ns
    left = asked if probe.data.left_ns == 0 else probe.data.left_ns
    for stage, leaving in _STAGES:
        at = getattr(probe.data, stage)
        if at is not None and at - reached < RESENT_NS // 2:
            reached, left = at, getattr(probe.data, leaving)
    never_connected = reached == asked and not probe.data.reused
    if left is not None and (never_connected or probe.data.resent):
        return _Lost(reached, left)
    return _Lost(reached, reached + RESENT_NS // 2)


def _least(start: int, end: int, lost: list[_Lost], proofs: list[tuple[int, int]]) -> int:
    """Return the longest stretch from the first to the last lost request in which no proof ends."""
    least, before = 0, start
    for after in [*sorted(proved for _, proved in proofs), end]:
        inside = lost[bisect_left(lost, (before,)) : bisect_left(lost, (after,))]
        if inside:
            least = max(least, inside[-1].after_ns - min(one.before_ns for one in inside))
        before = max(before, after)
    return least


def _between(stamps: list[int], start_ns: int, end_ns: int) -> list[int]:
    return stamps[bisect_left(stamps, start_ns) : bisect_left(stamps, end_ns)]
