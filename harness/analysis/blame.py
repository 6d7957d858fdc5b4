"""Which link of the chain a failure is owed to, a request's or a guest's, from the history alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from harness.analysis.blackout import ok
from harness.analysis.faults import FaultSpan
from harness.analysis.owners import Tenure
from harness.analysis.polled import change_span
from harness.chain.outcome import APISERVER_TIMEOUT_S
from harness.clock import NS
from harness.events import HaproxyServer, HaproxySocket, Link, Neighbour, Probe, Process
from harness.history import Event, History

UNEXPLAINED = "unexplained"
DEAD_BACKEND = "dead backend not yet evicted"
EXPIRED = "backend with an expired certificate not yet evicted"
UNREACHED = "backend out of reach not yet evicted"
WITHOUT_ETCD = "backend without its etcd not yet evicted"
MOVED = "VIP moved under a connection"
ERRING = "backend that answers with errors not yet evicted"
# A kept connection may rest this long between two requests that use it.
REST_NS = 5 * NS
# etcd's election timeout is 1 to 2 s; a split vote costs another, and requests wait meanwhile.
ELECTION_NS = 5 * NS
# What waited for a quorum is asked of etcd all at once, as long as an apiserver has patience; what comes next waits for
# that: in a trial reads took 1.4 s, and /readyz was red for 1.0 s after the first one had succeeded.
CATCH_UP_NS = round(APISERVER_TIMEOUT_S * NS)
# How long a node that came back may answer before its etcd has rejoined, and others be held up by one that was parted.
REJOIN_NS = 10 * NS
# The haproxy observer looks every 20 ms.
LOOK_NS = 40_000_000
HAPROXY = "haproxy"
# Another process than haproxy does not tell when it listens; an apiserver takes 0.1 to 0.3 s.
START_NS = NS // 2


class Met(NamedTuple):
    """What a failure looked like: as a probe's error, and who answered, if anybody did."""

    error: str | None
    served_by: str | None = None


def _any(met: Met) -> bool:
    return True


@dataclass(frozen=True)
class Cause:
    """A link that was broken from one moment to another; `fits` says which failures it can have caused."""

    name: str
    start_ns: int
    end_ns: int
    fits: Callable[[Met], bool] = _any


class Blame(NamedTuple):
    """A failed request and the link that it is owed to."""

    probe: Event[Probe]
    cause: str


def causes(
    history: History,
    faults: list[FaultSpan],
    held: list[Tenure],
    backends: dict[str, str],
    front: str = HAPROXY,
    masters: Collection[str] | None = None,
) -> list[Cause]:
    """Return which links were broken when, the nearest to the client first.

    `front` is the process that answers on the VIP, `masters` are the nodes with an apiserver and a member of etcd: who
    is behind the load balancer, unless told.
    """
    masters = set(backends.values()) if masters is None else masters
    of_masters = [fault for fault in faults if fault.node in masters]
    return [
        *_no_owner(history, held),
        *_misled(history, held),
        *_no_front(history, faults, held, front),
        *_no_quorum(history, of_masters, len(masters)),
        *_dead_backends(history, faults, held, backends),
        *_moves(held),
        *_no_backend(history, held),
        *_elections(of_masters),
        *_rejoining(of_masters),
        *_lossy(history, faults),
    ]


def blame(history: History, broken: Sequence[Cause]) -> list[Blame]:
    """Return which link caused each request's failure; the nearest to the client wins where several were broken."""
    failed = ((e, Met(e.data.error, e.data.served_by)) for e in history.of(Probe) if not ok(e))
    return [Blame(probe, owed(probe.data.sent_ns, probe.t_ns, met, broken)) for probe, met in failed]


def owed(start_ns: int, end_ns: int, met: Met, broken: Sequence[Cause]) -> str:
    """Return what a failure is owed to that began and ended at two moments."""
    fitting = (c.name for c in broken if start_ns <= c.end_ns and end_ns >= c.start_ns and c.fits(met))
    return next(fitting, UNEXPLAINED)


def _no_owner(history: History, held: list[Tenure]) -> list[Cause]:
    causes, covered = [], history.start_ns
    for tenure in held:
        if tenure.begin.start_ns > covered:
            causes.append(Cause("no VIP", covered, tenure.begin.end_ns))
        covered = max(covered, tenure.end.start_ns if tenure.end else history.end_ns)
    return causes


def _misled(history: History, held: list[Tenure]) -> list[Cause]:
    """Return when the client sent to another node than the VIP's owner, as its own neighbour entry tells."""
    nodes = {e.data.mac: e.node for e in history.of(Link)}
    entries = [(e.t_ns, nodes[e.data.mac]) for e in history.of(Neighbour) if e.data.mac in nodes]
    spans = pairwise([*entries, (history.end_ns, "")])
    believed = [(start, end, node) for (start, node), (end, _) in spans]
    name, causes = "client not told of the VIP's owner", []
    for tenure in held:
        wrong = [(start, end) for start, end, node in believed if node != tenure.node]
        causes += _within(tenure, wrong, name, history.end_ns)
    return causes


def _no_front(history: History, faults: list[FaultSpan], held: list[Tenure], front: str) -> list[Cause]:
    """Return when the VIP was on a node where nobody listened, as what does was dead, or not yet ready; or it hung."""
    hit, end_ns = [f for f in faults if f.process == front], history.end_ns
    found = [c for t in held for c in _within(t, _deaf(history, hit, t.node, front), f"{front} down", end_ns)]
    for fault in (f for f in hit if f.effect.hung):
        hung = [(fault.injected.start_ns, _healed_ns(fault, history))]
        found += [c for t in held if t.node == fault.node for c in _within(t, hung, f"{front} hangs", end_ns)]
    return found


def _healed_ns(fault: FaultSpan, history: History) -> int:
    """Return when a fault was healed at the latest, or the end."""
    return fault.healed.end_ns if fault.healed else history.end_ns


def _deaf(history: History, killed: list[FaultSpan], node: str, front: str) -> list[tuple[int, int]]:
    """Return (from, to) of every time that a node's front process did not listen; haproxy's socket tells exactly."""
    alive: set[int] = set()
    since: int | None = None
    born_ns = history.start_ns
    found = []
    events: list[Event[Process | HaproxySocket]]
    events = [*history.of(Process, node, name=front), *history.of(HaproxySocket, node)]
    for event in sorted(events, key=lambda e: e.t_ns):
        told = event.data
        if isinstance(told, Process):
            (alive.add if told.alive else alive.discard)(told.pid)
            born_ns = event.t_ns if told.alive else born_ns
            if not alive and since is None:
                # One of several processes may take long to be gone; none of them served from the first signal on.
                begun = (f.injected.start_ns for f in killed if f.node == node and f.injected.end_ns > born_ns)
                since = min([event.t_ns - LOOK_NS, *(b for b in begun if b < event.t_ns)])
            elif alive and since is not None and front != HAPROXY:
                found.append((since, event.t_ns + START_NS))
                since = None
        elif told.answering and since is not None:
            found.append((since, event.t_ns))
            since = None
    return found if since is None else [*found, (since, history.end_ns)]


def _within(tenure: Tenure, spans: list[tuple[int, int]], name: str, end_ns: int) -> list[Cause]:
    """Return what of the spans falls into a tenure."""
    last = tenure.end.end_ns if tenure.end else end_ns
    cut = [(max(start, tenure.begin.start_ns), min(end, last)) for start, end in spans]
    return [Cause(name, start, end) for start, end in cut if start < end]


def _no_quorum(history: History, faults: list[FaultSpan], members: int) -> list[Cause]:
    """Return when so many of etcd's members were off that no quorum was left, until reads succeeded again."""
    off = [(f.injected.start_ns, f.healed.start_ns if f.healed else history.end_ns) for f in faults if f.silences]
    causes = []
    for start, _ in off:
        ends = [e for s, e in off if s <= start < e]
        if members - len(ends) <= members // 2:
            back = min(ends)
            good = (e.t_ns for e in history.of(Probe, target="read") if ok(e) and e.data.sent_ns > back)
            causes.append(Cause("no quorum", start, next(good, history.end_ns) + CATCH_UP_NS, _answered_or_waited))
    return causes


def _dead_backends(
    history: History, faults: list[FaultSpan], held: list[Tenure], backends: dict[str, str]
) -> list[Cause]:
    """Return when the owner's haproxy still sent to a backend that was dead, out of its reach, or without its etcd."""
    causes = []
    for fault in faults:
        dead_until = _healed_ns(fault, history)
        for server, node in backends.items():
            for tenure in (t for t in held if hits(fault, t.node, node)):
                name, fits = _ailing(fault, tenure.node, node)
                start = max(fault.injected.start_ns, tenure.begin.start_ns)
                downs = (e for e in history.of(HaproxyServer, tenure.node, server=server, status="DOWN"))
                end = next((change_span(e).end_ns for e in downs if e.t_ns > fault.injected.start_ns), dead_until)
                end = min(end, tenure.end.end_ns if tenure.end else end)
                if start < end:
                    causes.append(Cause(name, start, end, fits))
    return causes


def hits(fault: FaultSpan, proxy: str, backend: str) -> bool:
    """Say whether a node's load balancer has nothing good of a backend any more, by a fault."""
    return fault.parts(proxy, backend) or (fault.node == backend and (fault.takes_backend or fault.takes_etcd))


def _ailing(fault: FaultSpan, proxy: str, backend: str) -> tuple[str, Callable[[Met], bool]]:
    """Return what a backend is called that a fault hits, and which failures come of it."""
    if fault.parts(proxy, backend):
        return UNREACHED, _any
    if fault.takes_etcd:
        return WITHOUT_ETCD, _answered_or_waited
    if fault.effect.to == "verifying":
        return EXPIRED, _any
    return (ERRING, _refused) if fault.effect.errs else (DEAD_BACKEND, _any)


def _moves(held: list[Tenure]) -> list[Cause]:
    """A connection to the VIP's last owner is reset by the next, which has never heard of it; or by one that stayed."""
    moves = [t.begin for t in held[1:]]
    moves += [t.end for t in held if t.end and any(_holds(one, t.end.end_ns) for one in held if one is not t)]
    return [Cause(MOVED, at.start_ns - LOOK_NS, at.end_ns + REST_NS, _of_a_connection) for at in moves]


def _holds(tenure: Tenure, t_ns: int) -> bool:
    return tenure.begin.end_ns < t_ns and (tenure.end is None or t_ns < tenure.end.start_ns)


def _no_backend(history: History, held: list[Tenure]) -> list[Cause]:
    """Return when the owner's haproxy had no backend left, or none yet."""
    return [c for t in held for c in _within(t, _empty(history, t.node), "no backend up", history.end_ns)]


def _empty(history: History, node: str) -> list[tuple[int, int]]:
    status: dict[str, str] = {}
    since: int | None = None
    found = []
    for event in history.of(HaproxyServer, node):
        status[event.data.server] = event.data.status
        up = bool(set(status.values()) - {"DOWN", "MAINT"})
        if not up and since is None:
            since = change_span(event).start_ns
        elif up and since is not None:
            found.append((since, event.t_ns))
            since = None
    return found if since is None else [*found, (since, history.end_ns)]


def _elections(faults: list[FaultSpan]) -> list[Cause]:
    """Return when etcd was without a leader, as that may have gone; or as a member came back that was parted.

    Alone it has called elections all the while, and its term is ahead of the others': etcd 3.4 has no pre-vote unless
    told (`--pre-vote`), so they elect once more; it calls others that it cannot win meanwhile, as its log is behind.
    """
    spans = [(f.injected, ELECTION_NS) for f in faults if f.silences or f.takes_etcd]
    spans += [(f.healed, REJOIN_NS) for f in faults if f.healed and (f.isolates or f.effect.cut == "etcd")]
    name = "etcd electing a leader"
    return [Cause(name, span.start_ns, span.end_ns + lasts_ns, _answered_or_waited) for span, lasts_ns in spans]


def _lossy(history: History, faults: list[FaultSpan]) -> list[Cause]:
    spans = ((f, f.injected.start_ns, _healed_ns(f, history)) for f in faults if f.effect.cut == "some")
    return [Cause(f"packets lost at {fault.node}", start_ns, end_ns) for fault, start_ns, end_ns in spans]


def _rejoining(faults: list[FaultSpan]) -> list[Cause]:
    causes = []
    for fault in (f for f in faults if f.healed is not None and (f.takes_backend or f.takes_etcd)):
        assert fault.healed is not None

        def fits(met: Met, node: str = fault.node) -> bool:
            return met.served_by in (node, None) and _answered_or_waited(met)

        causes.append(Cause("backend back but not ready", fault.healed.start_ns, fault.healed.end_ns + REJOIN_NS, fits))
    return causes


def _answered_or_waited(met: Met) -> bool:
    return met.error in ("5xx", "response_timeout", "closed", "tls")


def _refused(met: Met) -> bool:
    return met.error in ("4xx", "5xx")


def _of_a_connection(met: Met) -> bool:
    return met.error in ("reset", "closed", "response_timeout", "tls")
