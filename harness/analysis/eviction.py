"""When each haproxy took a dead backend out, and put it back."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.blame import DEAD_BACKEND, UNREACHED, Blame, hits
from harness.analysis.faults import FaultSpan
from harness.analysis.owners import Tenure
from harness.analysis.polled import change_span
from harness.clock import NS, Measured, at_least, between
from harness.events import HaproxyCheck, HaproxyServer
from harness.figures import rounded
from harness.history import Event, History
from harness.verdict import Eviction


def evictions(
    history: History,
    fault: FaultSpan,
    faults: list[FaultSpan],
    backends: dict[str, str],
    held: list[Tenure],
    blamed: list[Blame],
) -> list[Eviction]:
    """Return one row a haproxy that was running and a backend of the failed node; `backends` maps server to node.

    A backend without its etcd is one, too: it can only answer with errors.
    """
    off = {f.node for f in faults if f.silences and f.injected.start_ns <= fault.injected.start_ns}
    observers = sorted({e.node for e in history.of(HaproxyServer)} - off)
    hit = [(haproxy, s) for haproxy in observers for s, node in sorted(backends.items()) if hits(fault, haproxy, node)]
    rows = [_row(history, fault, haproxy, server) for haproxy, server in hit]
    for row in rows:
        row.last_error_s = rounded(_last_error(fault, row.haproxy, held, blamed))
    return rows


def _row(history: History, fault: FaultSpan, haproxy: str, server: str) -> Eviction:
    row = Eviction(haproxy, server, fault.index)
    # A later fault does not end the watch: the eviction may come after it.
    gone_at = fault.healed.start_ns if fault.healed else fault.until_ns
    checks = (e for e in history.of(HaproxyCheck, haproxy, server=server) if e.t_ns > fault.injected.start_ns)
    failed = next((e for e in checks if e.t_ns <= gone_at), None)
    row.first_failed_check_s = rounded(between(fault.injected, change_span(failed))) if failed else None
    down = _first(_changes(history, haproxy, server), "DOWN", fault.injected.start_ns, gone_at)
    if down is None:
        row.eviction_s = rounded(at_least(max(0, gone_at - fault.injected.end_ns) / NS))
        return row
    row.eviction_s = rounded(between(fault.injected, change_span(down)))
    row.reason = down.data.check_status
    row.readmission_s = rounded(_readmission(history, fault, haproxy, server, down))
    return row


def _last_error(fault: FaultSpan, haproxy: str, held: list[Tenure], blamed: list[Blame]) -> float | None:
    """Return when the last request failed that this haproxy, having the VIP, had sent to the dead backend."""
    mine = [t for t in held if t.node == haproxy]
    stamps = [
        one.probe.t_ns
        for one in blamed
        if one.cause in (DEAD_BACKEND, UNREACHED)
        and fault.injected.start_ns < one.probe.t_ns < fault.until_ns
        and any(t.begin.start_ns <= one.probe.data.sent_ns <= (t.end.end_ns if t.end else one.probe.t_ns) for t in mine)
    ]
    return (max(stamps) - fault.injected.start_ns) / NS if stamps else None


def _readmission(history: History, fault: FaultSpan, haproxy: str, server: str, down: Event[HaproxyServer]) -> Measured:
    if fault.healed is None or _forgotten(history, haproxy, server, down):
        return None
    up = _first(_changes(history, haproxy, server), "UP", max(down.t_ns, fault.healed.start_ns), history.end_ns)
    if up is not None:
        return between(fault.healed, change_span(up))
    return at_least(max(0, history.end_ns - fault.healed.end_ns) / NS)


def _forgotten(history: History, haproxy: str, server: str, down: Event[HaproxyServer]) -> bool:
    """Say whether this haproxy has been started anew since, and has not taken the server out again."""
    since = [e for e in history.of(HaproxyServer, haproxy, server=server) if e.t_ns > down.t_ns]
    anew = next((n for n, e in enumerate(since) if e.data.initial), None)
    return anew is not None and all(e.data.status != "DOWN" for e in since[anew:])


def _changes(history: History, haproxy: str, server: str) -> Iterator[Event[HaproxyServer]]:
    return (e for e in history.of(HaproxyServer, haproxy, server=server) if not e.data.initial)


def _first(
    changes: Iterator[Event[HaproxyServer]], status: str, start_ns: int, end_ns: int
) -> Event[HaproxyServer] | None:
    return next((e for e in changes if e.data.status == status and start_ns < e.t_ns <= end_ns), None)
