"""What the nodes said of themselves last: whether the chain was whole at the end of a history."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.faults import end_ns, faults
from harness.analysis.owners import owners_at, tenures
from harness.events import AgentStart, HaproxyServer, Process
from harness.history import Event, F, History


def broken(history: History) -> list[str]:
    """Return what was not as it should be when the clients stopped; nothing where the chain was whole."""
    owners = owners_at(tenures(history, faults(history)), end_ns(history))
    problems = [] if len(owners) == 1 else [f"the VIP was on {' and '.join(owners) or 'no node'}"]
    return [*problems, *_daemons(history), *_servers(history)]


def _daemons(history: History) -> Iterator[str]:
    alive: dict[tuple[str, str], set[int]] = {}
    for event in _before_end(history, Process):
        running = alive.setdefault((event.node, event.data.name), set())
        (running.add if event.data.alive else running.discard)(event.data.pid)
    for (node, name), pids in alive.items():
        if not pids:
            yield f"{name} was not running on {node}"


def _servers(history: History) -> Iterator[str]:
    last = {(e.node, e.data.server): e.data.status for e in _before_end(history, HaproxyServer)}
    for (haproxy, server), status in last.items():
        if status == "DOWN":  # one without a check, or out of service by its operator's will, is as it should be
            yield f"{haproxy}'s haproxy had server {server} {status}"


def _before_end(history: History, kind: type[F]) -> Iterator[Event[F]]:
    """Yield events up to the clients' end, without what a node had said before it was last switched on."""
    end = end_ns(history)
    booted = {e.node: e.t_ns for e in history.of(AgentStart) if e.agent == "node" and e.t_ns <= end}
    return (e for e in history.of(kind) if booted.get(e.node, 0) <= e.t_ns <= end)
