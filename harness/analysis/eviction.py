"""When each haproxy took a dead backend out, and put it back."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.faults import FaultSpan
from harness.clock import NS, AtLeast, Measured, Span, between
from harness.history import Event, History
from harness.verdict import Eviction, plain


def evictions(history: History, fault: FaultSpan, faults: list[FaultSpan], backends: dict[str, str]) -> list[Eviction]:
    """Return one row a haproxy that was running and a backend of the failed node; `backends` maps server to node."""
    if not fault.takes_backend:
        return []
    off = {f.node for f in faults if f.silences and f.injected.start_ns <= fault.injected.start_ns}
    observers = sorted({e.node for e in history.of("haproxy.server")} - off)
    mine = sorted(server for server, node in backends.items() if node == fault.node)
    return [_row(history, fault, haproxy, server) for haproxy in observers for server in mine]


def _row(history: History, fault: FaultSpan, haproxy: str, server: str) -> Eviction:
    row = Eviction(haproxy, server, fault.index)
    # A later fault does not end the watch: the eviction may come after it.
    gone_at = fault.healed.start_ns if fault.healed else fault.until_ns
    down = _first(_changes(history, haproxy, server), "DOWN", fault.injected.start_ns, gone_at)
    if down is None:
        row.eviction_s = plain(AtLeast(max(0, gone_at - fault.injected.end_ns) / NS))
        return row
    row.eviction_s = plain(between(fault.injected, change_span(down)))
    row.reason = down.data["check_status"]
    row.readmission_s = plain(_readmission(history, fault, haproxy, server, down))
    return row


def _readmission(history: History, fault: FaultSpan, haproxy: str, server: str, down: Event) -> Measured:
    if fault.healed is None:
        return None
    up = _first(_changes(history, haproxy, server), "UP", max(down.t_ns, fault.healed.start_ns), history.end_ns)
    if up is not None:
        return between(fault.healed, change_span(up))
    return AtLeast(max(0, history.end_ns - fault.healed.end_ns) / NS)


def change_span(change: Event) -> Span:
    """Return when a polled state changed: after the last poll that showed the old one, by the stamp itself."""
    return Span(min(change.data.get("previous_poll_ns") or change.t_ns, change.t_ns), change.t_ns)


def _changes(history: History, haproxy: str, server: str) -> Iterator[Event]:
    return (e for e in history.of("haproxy.server", haproxy, server=server) if not e.data["initial"])


def _first(changes: Iterator[Event], status: str, start_ns: int, end_ns: int) -> Event | None:
    return next((e for e in changes if e.data["status"] == status and start_ns < e.t_ns <= end_ns), None)
