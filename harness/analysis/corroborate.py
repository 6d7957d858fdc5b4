"""Whether haproxy's own log agrees with what a failed request is owed to."""

from __future__ import annotations

from collections.abc import Iterable

from harness.analysis.blame import DEAD_BACKEND, Blame
from harness.analysis.faults import FaultSpan
from harness.clock import NS
from harness.events import HaproxySession, Probe
from harness.history import Event, History
from harness.verdict import Agreement

# The log's stamps are whole milliseconds, and a connection waits in the kernel until haproxy accepts it.
SAME_NS = NS


def agreement(
    history: History, blamed: Iterable[Blame], faults: list[FaultSpan], backends: dict[str, str]
) -> Agreement | None:
    """Return how many requests owed to a dead backend haproxy logged, and sent there; None where it logged nothing.

    A request and a session belong together by the client's port. What haproxy had not logged when the trial ended,
    as it writes a session's line at its end, is not counted.
    """
    by_port: dict[int, list[Event[HaproxySession]]] = {}
    for event in history.of(HaproxySession):
        by_port.setdefault(event.data.port, []).append(event)
    if not by_port:
        return None
    dead = {server for server, node in backends.items() if any(f.takes_backend and f.node == node for f in faults)}
    logged = agreed = 0
    for one in blamed:
        session = _session(one.probe, by_port) if one.cause == DEAD_BACKEND else None
        if session is not None:
            logged += 1
            agreed += session.data.server in dead
    return Agreement(logged, agreed)


def _session(probe: Event[Probe], by_port: dict[int, list[Event[HaproxySession]]]) -> Event[HaproxySession] | None:
    near = [e for e in by_port.get(probe.data.port or 0, ()) if abs(e.data.accepted_ns - probe.data.sent_ns) < SAME_NS]
    return near[0] if near else None
