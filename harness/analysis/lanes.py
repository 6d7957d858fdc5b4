"""What each part of the chain was doing when: bars on lanes, for drawing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from harness.analysis.faults import FaultSpan
from harness.analysis.owners import Tenure
from harness.events import HaproxyServer, HaproxySocket, Process, VrrpState
from harness.history import History
from harness.profile.machines import Role
from harness.select import LB_RUNS, MASTER_RUNS

DAEMONS = {"haproxy": "haproxy", "apiserver": "kube-apiserver", "etcd": "etcd"}
Roles = Mapping[str, Collection[Role]]
Change = tuple[int, str | None]  # from this moment on the lane shows this state, or nothing


class Bar(msgspec.Struct, frozen=True):
    """A state from one moment to another, in nanoseconds of the one clock."""

    start_ns: int
    end_ns: int
    state: str


class Lane(msgspec.Struct, frozen=True):
    """One row of a node: what it shows, and its bars in order."""

    node: str
    name: str
    bars: list[Bar]


def lanes(
    history: History, faults: list[FaultSpan], tenures: list[Tenure], end_ns: int, roles: Roles | None = None
) -> list[Lane]:
    """Return the rows of every node: VIP, keepalived's state, the daemons' lives, the backends its haproxy has UP.

    What none of a node's `roles` has is no row of it; unless told, it has all of them. They come in that order.
    """
    drawn = []
    order = list(roles or ())
    for node in sorted({e.node for e in history.of(Process)}, key=lambda n: (n in order and order.index(n), n)):
        off = [f for f in faults if f.effect.silent and f.node == node]
        has = (roles or {}).get(node, list(Role))
        runs = (*(LB_RUNS if Role.LB in has else ()), *(MASTER_RUNS if Role.MASTER in has else ()))
        rows = {name: _lives(history, node, process) for name, process in DAEMONS.items() if process in runs}
        if Role.LB in has:
            drawn.append(Lane(node, "VIP", [_held(t, end_ns) for t in tenures if t.node == node]))
            rows = {"keepalived": _states(history, node), **rows, "backends up": _backends(history, node)}
        drawn += [Lane(node, name, list(_bars(changes, off, end_ns))) for name, changes in rows.items()]
    return drawn


def darkness(faults: Iterable[FaultSpan], end_ns: int) -> list[tuple[str, str, int, int]]:
    """Return (node, "off", "frozen" or "cut off", from, to) of every time that a node was silent."""
    return [
        (
            f.node,
            "cut off" if f.isolates else "frozen" if f.resumes else "off",
            f.injected.start_ns,
            f.healed.start_ns if f.healed else end_ns,
        )
        for f in faults
        if f.silences
    ]


def _held(tenure: Tenure, end_ns: int) -> Bar:
    return Bar(tenure.begin.start_ns, tenure.end.end_ns if tenure.end else end_ns, "held")


def _states(history: History, node: str) -> Iterator[Change]:
    for event in history.of(VrrpState, node):
        yield event.t_ns, None if event.data.state == "STOP" else event.data.state


def _lives(history: History, node: str, process: str) -> Iterator[Change]:
    alive: set[int] = set()
    for event in history.of(Process, node, name=process):
        (alive.add if event.data.alive else alive.discard)(event.data.pid)
        yield event.t_ns, "up" if alive else None


def _backends(history: History, node: str) -> Iterator[Change]:
    status: dict[str, str] = {}
    told = [*history.of(HaproxyServer, node), *history.of(HaproxySocket, node)]
    for event in sorted(told, key=lambda e: e.t_ns):
        match event.data:
            case HaproxyServer(server=server):
                status[server] = event.data.status
                yield event.t_ns, f"{sum(s == 'UP' for s in status.values())}/{len(status)}"
            case HaproxySocket(answering=False):
                status.clear()
                yield event.t_ns, None


def _bars(changes: Iterator[Change], off: list[FaultSpan], end_ns: int) -> Iterator[Bar]:
    """Join changes to bars; a node that was silent shows nothing meanwhile, and what it showed where it resumes."""
    dark: list[Change] = [(f.injected.start_ns, None) for f in off]
    since, showing = 0, None
    known = [c for c in changes if not any(_during(f, c[0]) for f in off)]
    for fault in (f for f in off if f.resumes and f.healed):
        before = [state for moment, state in known if moment <= fault.injected.start_ns]
        dark += [(fault.healed.start_ns, state) for state in before[-1:] if fault.healed]
    for moment, state in [*sorted([*known, *dark], key=lambda c: c[0]), (end_ns, None)]:
        if state == showing:
            continue
        if showing is not None and moment > since:
            yield Bar(since, min(moment, end_ns), showing)
        since, showing = moment, state


def _during(fault: FaultSpan, moment: int) -> bool:
    end = fault.healed.start_ns if fault.healed else moment + 1
    return fault.injected.start_ns <= moment < end
