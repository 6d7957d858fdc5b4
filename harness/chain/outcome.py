"""How a check script's run ends as things stand: whether it passes, and how long it takes to say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from harness.chain import accepting, health, mismatch, table
from harness.chain.chain import Chain
from harness.chain.failure import Kind, Standing
from harness.chain.look import Lookup, Question
from harness.chain.sight import HasVip, Probe, Refused, Request, Sight, Way, asks_ready, understood, unknown
from harness.chain.sight import told as in_words
from harness.chain.watch import Watch
from harness.clock import Bounds
from harness.profile.tried import Tried

# An apiserver without a quorum refuses after its own patience; the lab tells it so, and Kubernetes' own has the same.
APISERVER_TIMEOUT_S = 2.0
SLOWER = 1.25  # than the slowest of a few trials: what other runs may be
AT_ONCE = Bounds(0.0, 0.0)
Seen = tuple[bool | None, Bounds]  # what a look sees, and how long it takes to
Misled = Callable[[Request], Seen]


@dataclass(frozen=True)
class Run:
    """A run of a script; None where nobody can tell whether it passes, and `why`. `took_s` counts where it fails.

    `stops` says that it has keepalived itself stopped.
    """

    passes: bool | None
    took_s: Bounds = AT_ONCE
    stops: bool = False
    why: str = ""


def run(chain: Chain, node: str, script: Watch, standing: Standing, misled: Misled | None = None) -> Run:
    """Return how a script's run on a node ends once all that stands has had its effect.

    `misled` tells what a request sees meanwhile which then would be answered; without it a load balancer has every
    backend out that has failed. What was tried counts before what is read, which knows the times better where both say
    the same.
    """
    found, seen = read(chain, node, script, standing, misled), chain.sight(node, script)
    if misled is not None and understood(seen):
        return found
    tried = _tried(chain, node, script, standing, evicted=misled is None)
    if tried is None:
        return found
    if open_ := _open(tried):
        return Run(None, Bounds(0.0, script.timeout_s), False, f"tried in a lab, it {open_}")
    if (tried.passes, tried.stops) == (found.passes, found.stops):
        return found
    least_s, most_s = tried.took_s
    return Run(tried.passes, Bounds(least_s, most_s * SLOWER), tried.stops, f"tried in a lab: {tried.how}")


def _tried(chain: Chain, node: str, watch: Watch, standing: Standing, evicted: bool = True) -> Tried | None:
    """Return how a script went as things stand; None where that was not tried, or it is none."""
    return table.tried(chain.profile, node, watch.script, standing, evicted) if watch.script else None


def _open(tried: Tried) -> str:
    """Return why a trial leaves open what a script does; "" where it does not."""
    if tried.meddles:
        return f"starts or stops {' and '.join(tried.meddles)} itself, and nobody follows what comes of that"
    return tried.how if tried.passes is None else ""


def unclear(chain: Chain, node: str, script: Watch, standing: Standing) -> str:
    """Return why nobody can tell what a script does as things stand; "" where that is known."""
    found = run(chain, node, script, standing)
    if found.passes is not None or found.stops:
        return ""
    tried = _tried(chain, node, script, standing)
    return found.why if tried and _open(tried) else found.why or unknown(chain.sight(node, script))


def told(chain: Chain, node: str, script: Watch, standing: Standing) -> str:
    """Return in a few words what a script looks at; what it did, where its text does not tell that."""
    tried, seen = _tried(chain, node, script, standing), chain.sight(node, script)
    if tried is None or (understood(seen) and read(chain, node, script, standing).passes is tried.passes):
        return in_words(chain.profile, seen)
    return f"{'passes' if tried.passes else 'fails'} all the same (tried in a lab: {_open(tried) or tried.how})"


def read(chain: Chain, node: str, script: Watch, standing: Standing, misled: Misled | None = None) -> Run:
    """Return how a run ends by what the script's text tells."""
    ends = [_timed(one, script) for one in _ways(_Place(chain, node, standing, misled), chain.sight(node, script))]
    first = ends[0]
    if first.passes is not None and all((one.passes, one.stops) == (first.passes, first.stops) for one in ends):
        return Run(first.passes, _hull([one.took_s for one in ends]), first.stops, first.why)
    return Run(None, Bounds(0.0, script.timeout_s), False, next((o.why for o in ends if o.passes is None), ""))


def failed(chain: Chain, node: str, script: Watch, standing: Standing) -> Run | None:
    """Return the run of a script that fails as things stand; None where it passes.

    One of which nobody can tell passes, unless it is supposed to fail.
    """
    found = run(chain, node, script, standing)
    fails = found.passes is False or (node, script.name) in chain.supposed
    return found if fails or found.stops else None


def _timed(one: Run, script: Watch) -> Run:
    """keepalived ends what runs into its timeout, which is a failure."""
    most = min(one.took_s.max, script.timeout_s)
    if one.took_s.min >= script.timeout_s:
        return Run(False, Bounds(most, most), why=one.why)
    return Run(one.passes, Bounds(one.took_s.min, most), one.stops, one.why)


@dataclass(frozen=True)
class _Place:
    """Where a script runs, and how things stand there."""

    chain: Chain
    node: str
    standing: Standing
    misled: Misled | None


def _ways(place: _Place, seen: Sight, took_s: Bounds = AT_ONCE) -> Iterator[Run]:
    """Yield every end that a run may have."""
    while isinstance(seen, Question):
        passes, more_s = _seen(place, seen.look)
        failed_s = Bounds(took_s.min + more_s.min, took_s.max + more_s.max)
        if passes is None:
            yield from _ways(place, seen.yes, took_s)
        seen, took_s = (seen.yes, took_s) if passes else (seen.no, failed_s)
    for look in seen.again:
        passes, more_s = _seen(place, look)
        if not passes:
            took_s = Bounds(took_s.min + (more_s.min if passes is False else 0.0), took_s.max + more_s.max)
    least_s = took_s.min + seen.slept_s if seen.passes is not None else 0.0
    yield Run(seen.passes, Bounds(least_s, took_s.max + seen.slept_s), seen.stops, seen.why)


def _seen(place: _Place, look: Probe) -> Seen:
    standing, node = place.standing, place.node
    match look:
        case Lookup(process=process):
            dead = {place.chain.fails(kind, node).process for kind in standing.ails(node) if kind.ends}
            return process not in dead, AT_ONCE
        case Refused():
            return False, AT_ONCE
        case HasVip():
            return standing.owner == node, AT_ONCE
        case Request():
            passes, took_s = _asked(place, standing.owner if look.on_owner else node, look)
            return passes, AT_ONCE if look.printed else took_s
    return None, AT_ONCE


def _asked(place: _Place, where: str | None, look: Request) -> Seen:
    """Return what a request to a node sees."""
    standing, limit = place.standing, Bounds(look.limit_s, look.limit_s)
    if where is None or where not in standing.alive:
        return False, limit
    if look.on_owner and accepting.refusal(place.chain.instance(where)):
        return False, limit
    if look.way is Way.APISERVER:
        found = _answered(place, where, look)
        return place.misled(look) if place.misled and found[0] else found
    ails = standing.ails(where)
    if Kind.PROXY_DEAD in ails:
        return False, AT_ONCE
    if look.connects or (look.way is Way.PROXY and Kind.PROXY_HUNG not in ails):
        return _enough(place, where, look), AT_ONCE
    if Kind.PROXY_HUNG in ails:
        return False, limit
    if mismatch.of(place.chain.profile, where):
        return False, AT_ONCE
    if place.misled:
        return place.misled(look)
    left = [one for one in backends(place.chain, where) if one in standing.alive and not _unready(place, where, one)]
    answers = [_answered(place, one, look) for one in left]
    return next((one for one in answers if one[0]), answers[0] if answers else (False, AT_ONCE))


def _enough(place: _Place, where: str, look: Request) -> bool | None:
    """Say whether a proxy is green; None where servers may be too few, which it sees only once they are evicted."""
    if not look.needs or look.minds is False:
        return True
    behind = backends(place.chain, where)
    well = [one for one in behind if _answered(place, one, replace(look, minds=True, asks_ready=True))[0]]
    return True if len(well) == len(behind) or 0 < look.needs <= len(well) else None


def _unready(place: _Place, balancer: str, node: str) -> bool:
    """Say whether a load balancer has a node out whose apiserver runs: its checks ask for what depends on etcd."""
    standing, profile = place.standing, place.chain.profile
    if Kind.ETCD_DEAD not in standing.ails(node) and standing.quorum(place.chain.masters):
        return False
    known = [s for s in profile.servers.get(balancer, []) if profile.stands_for(balancer, s) == node]
    return bool(known) and all(server.checked and asks_ready(server) for server in known)


def backends(chain: Chain, node: str) -> list[str]:
    """Return the nodes that a node's load balancer sends to."""
    behind = (chain.profile.stands_for(node, server) for server in chain.profile.servers.get(node, []))
    return [one for one in behind if one] or chain.masters


def _answered(place: _Place, node: str, look: Request) -> Seen:
    """Return what an apiserver answers to a request that has reached it, or not."""
    standing, limit = place.standing, Bounds(look.limit_s, look.limit_s)
    ails = standing.ails(node)
    if node not in standing.alive:
        return False, limit
    if Kind.APISERVER_DEAD in ails or node not in place.chain.masters:
        return False, AT_ONCE
    if look.connects:
        return True, AT_ONCE
    if Kind.APISERVER_HUNG in ails or Kind.APISERVER_MUTE in ails:
        return False, limit
    minds = None if look.minds is None else not look.minds
    if Kind.APISERVER_ERRORS in ails:
        return minds, AT_ONCE
    if look.asks_ready and (Kind.ETCD_DEAD in ails or not standing.quorum(place.chain.masters)):
        return minds, Bounds(0.0, min(health.HELD_S, look.limit_s))
    return True, AT_ONCE


def _hull(bounds: list[Bounds]) -> Bounds:
    return Bounds(min(b.min for b in bounds), max(b.max for b in bounds))
