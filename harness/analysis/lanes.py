"""What each part of the chain was doing when: bars on lanes, for drawing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from harness.analysis.faults import FaultSpan
from harness.analysis.owners import Tenure
from harness.analysis.polled import change_span
from harness.history import History

DAEMONS = {"haproxy": "haproxy", "apiserver": "kube-apiserver", "etcd": "etcd"}
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


def lanes(history: History, faults: list[FaultSpan], tenures: list[Tenure], end_ns: int) -> list[Lane]:
    """Return the rows of every node: VIP, keepalived's state, the daemons' lives, the backends its haproxy has UP."""
    drawn = []
    for node in sorted({e.node for e in history.of("process")}):
        off = [f for f in faults if f.silences and f.node == node]
        drawn.append(Lane(node, "VIP", [_held(t, end_ns) for t in tenures if t.node == node]))
        rows = {"keepalived": _states(history, node)}
        rows |= {name: _lives(history, node, process) for name, process in DAEMONS.items()}
        rows["backends up"] = _backends(history, node)
        drawn += [Lane(node, name, list(_bars(changes, off, end_ns))) for name, changes in rows.items()]
    return drawn


def darkness(faults: Iterable[FaultSpan], end_ns: int) -> list[tuple[str, int, int]]:
    """Return (node, from, to) of every time that a node was off."""
    return [(f.node, f.injected.start_ns, f.healed.start_ns if f.healed else end_ns) for f in faults if f.silences]


def _held(tenure: Tenure, end_ns: int) -> Bar:
    return Bar(tenure.begin.start_ns, tenure.end.end_ns if tenure.end else end_ns, "held")


def _states(history: History, node: str) -> Iterator[Change]:
    for event in history.of("vrrp.state", node):
        yield event.t_ns, None if event.data["state"] == "STOP" else event.data["state"]


def _lives(history: History, node: str, process: str) -> Iterator[Change]:
    alive: set[int] = set()
    for event in history.of("process", node, name=process):
        (alive.add if event.data["alive"] else alive.discard)(event.data["pid"])
        yield event.t_ns, "up" if alive else None


def _backends(history: History, node: str) -> Iterator[Change]:
    status: dict[str, str] = {}
    kinds = [e for kind in ("haproxy.server", "haproxy.socket") for e in history.of(kind, node)]
    for event in sorted(kinds, key=lambda e: e.t_ns):
        if event.kind == "haproxy.socket":
            if not event.data["answering"]:
                status.clear()
                yield event.t_ns, None
            continue
        status[event.data["server"]] = event.data["status"]
        yield change_span(event).end_ns, f"{sum(s == 'UP' for s in status.values())}/{len(status)}"


def _bars(changes: Iterator[Change], off: list[FaultSpan], end_ns: int) -> Iterator[Bar]:
    """Join changes to bars; a node that was off shows nothing meanwhile."""
    dark: list[Change] = [(f.injected.start_ns, None) for f in off]
    since, showing = 0, None
    known = [c for c in changes if not any(_during(f, c[0]) for f in off)]
    for moment, state in [*sorted([*known, *dark], key=lambda c: c[0]), (end_ns, None)]:
        if state == showing:
            continue
        if showing is not None and moment > since:
            yield Bar(since, min(moment, end_ns), showing)
        since, showing = moment, state


def _during(fault: FaultSpan, moment: int) -> bool:
    end = fault.healed.start_ns if fault.healed else moment + 1
    return fault.injected.start_ns <= moment < end
