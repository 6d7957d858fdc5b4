"""The longest time in which no request was answered, with bounds from the sampling."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from harness.analysis.faults import FaultSpan
from harness.clock import NS, AtLeast, Bounds, Measured
from harness.history import Event, History

# The least time after which Linux sends a lost segment again (TCP_RTO_MIN): a lost request is not answered sooner,
# and what is overtaken in less than half of it was only slow.
RESENT_NS = 200_000_000
WAITED = ("connect_timeout", "tls", "response_timeout")  # errors that only say that the time was up


def blackout(history: History, fault: FaultSpan) -> Measured:
    """Return the longest blackout from a fault to the next one; AtLeast where service had not come back by then."""
    return longest(history.of("probe"), fault.injected.start_ns, fault.until_ns)


def longest(probes: Iterable[Event], start_ns: int, end_ns: int) -> Measured:
    """Return the longest blackout between two moments, as a set of requests saw it; None without requests.

    An answered request proves that the chain served while its TLS handshake went on, and again between its leaving
    and its answer. So the greatest possible blackout starts no earlier than some answered request left, and ends with
    the earliest proof by any that came later. In the least one lie requests that were lost: that failed, or were
    overtaken by one that was sent after them and answered before them.
    """
    sent = sorted((e for e in probes if e.data["error"] != "capped"), key=_asked)
    if not sent:
        return None
    answers = [e for e in sent if ok(e) and e.t_ns >= start_ns and e.data["sent_ns"] <= end_ns]
    proofs = sorted(proof for e in answers for proof in _proofs(e))
    greatest = _greatest(start_ns, proofs)
    quiet_ns = end_ns - max([start_ns, *(at for at, _ in proofs)])
    failed = [_asked(e) for e in sent if not ok(e)]
    if quiet_ns > greatest and _between(failed, end_ns - quiet_ns, end_ns):
        return AtLeast(quiet_ns / NS)
    return Bounds(min(_least(start_ns, end_ns, _lost(sent), answers), greatest) / NS, greatest / NS)


def ok(probe: Event) -> bool:
    """Say whether a request was answered, and well."""
    return probe.data["error"] is None


def _asked(probe: Event) -> int:
    """Return when a request was first sent."""
    stamp: int | None = probe.data.get("sent_ns")
    return probe.data["due_ns"] if stamp is None else stamp


def _proofs(answer: Event) -> list[tuple[int, int]]:
    """Return the spans in each of which the chain served: the handshake's, and the request's own."""
    secured: int | None = answer.data.get("tls_ns")
    if secured is None:
        return [(_asked(answer), answer.t_ns)]
    return [(_asked(answer), secured), (secured, answer.t_ns)]


def _greatest(start: int, proofs: list[tuple[int, int]]) -> int:
    """Return the greatest distance from the start of one proof to the earliest end of all that start later."""
    earliest: int | None = None
    greatest = 0
    for begin, end in reversed([(max(begin, start), end) for begin, end in proofs]):
        if earliest is not None:
            greatest = max(greatest, earliest - begin)
        earliest = end if earliest is None else min(earliest, end)
    return max(greatest, earliest - start) if earliest is not None else 0


def _lost(sent: list[Event]) -> list[tuple[int, bool]]:
    """Return (when, whether it can begin a stretch) of requests that failed or were overtaken, in order.

    One whose first segment was lost shows the chain broken at its sending; one that had got further was stopped at an
    unknown moment after that, and only prolongs what another began. One that was refused shows it at its refusal.
    """
    lost: list[tuple[int, bool]] = []
    earliest: int | None = None
    for probe in reversed(sent):
        overtaken = earliest is not None and earliest < probe.t_ns and probe.t_ns - _asked(probe) > RESENT_NS // 2
        if not ok(probe) or overtaken:
            lost.append(_shown(probe))
        if ok(probe):
            earliest = probe.t_ns if earliest is None else min(earliest, probe.t_ns)
    return sorted(lost)


def _shown(probe: Event) -> tuple[int, bool]:
    if not ok(probe) and probe.data["error"] not in WAITED:
        return probe.t_ns, True
    connected: int | None = probe.data.get("connected_ns")
    if connected is None or connected - _asked(probe) > RESENT_NS // 2:
        return _asked(probe), True
    return max(connected, probe.data.get("tls_ns") or 0), False


def _least(start: int, end: int, lost: list[tuple[int, bool]], answers: list[Event]) -> int:
    """Return the longest stretch from the first to the last lost request between two answers."""
    least, before = 0, start
    for after in [*sorted(e.t_ns for e in answers), end]:
        inside = lost[bisect_left(lost, (before, False)) : bisect_left(lost, (after, False))]
        begin = next((at for at, begins in inside if begins), None)
        if begin is not None:
            least = max(least, inside[-1][0] - begin)
        before = max(before, after)
    return least


def _between(stamps: list[int], start_ns: int, end_ns: int) -> list[int]:
    return stamps[bisect_left(stamps, start_ns) : bisect_left(stamps, end_ns)]
