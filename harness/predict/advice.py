"""Which one setting to change for the largest gain: every candidate is predicted anew, at its fastest safe value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf, isinf
from typing import Any

from harness.chain.chain import Chain
from harness.chain.failure import Kind
from harness.chain.look import Lookup, looks
from harness.chain.rest import at_rest, home
from harness.chain.setting import Setting, of_instance, of_watch
from harness.chain.watch import Watch, weighted
from harness.predict.eviction import of_server
from harness.predict.migration import Stays
from harness.predict.predict import predict
from harness.profile.folder import Profile
from harness.profile.haproxy import Level, Server
from harness.profile.keepalived import Instance

# The fastest values that are safe. Two failures in a row, so that a single bad sample moves nothing; a second between
# samples, which keepalived's intervals cannot go below; half a second once a check has failed; two seconds for an
# answer. VRRP version 2 has whole seconds; version 3 must not take a node that is busy for half a second for dead.
SAMPLES, INTERVAL_S, FAST_S, ANSWER_S, ADVERT_S = 2, 1.0, 0.5, 2.0, {2: 1.0, 3: 0.3}
ADVERTS, HIGHEST = 3, 254
# What is gained below this nobody would see.
WORTH_S = 0.05


@dataclass(frozen=True)
class Measure:
    """Something that a profile decides: after a failure on the VIP's owner, or beside it, the worst of a measure."""

    title: str
    kind: Kind
    name: str
    beside: bool = False

    def worst_s(self, chain: Chain) -> float | None:
        """Return the worst case in seconds, infinite where it never comes about, None where nobody can tell."""
        standing = at_rest(chain)
        among = chain.masters if self.beside else chain.nodes
        nodes = [node for node in among if self.beside is (node != standing.owner)]
        if not nodes:
            return None
        found = predict(chain, chain.fails(self.kind, nodes[0]), standing)
        rows = [row[self.name] for row in found.evictions.values() if self.name in row]
        predicted = [found.measures[self.name]] if self.name in found.measures else rows
        if any(one.bounds and isinf(one.bounds.max) for one in predicted):
            return None
        if chain.profile.lacks and not self.beside and isinstance(found.move, Stays):
            return None  # a check may be in what is not here
        return max((one.bounds.max if one.bounds and not one.otherwise else inf for one in predicted), default=None)


@dataclass(frozen=True)
class Change:
    """A setting as it stands, what to make of it on every node, and the worst case of a measure before and after.

    A time is infinite where what is measured never comes about; without `setting` there is none that helps.
    """

    measure: str
    before_s: float
    after_s: float
    setting: Setting | None = None
    becomes: str = ""


def changes(profile: Profile) -> list[Change]:
    """Return for each measure the one change that shortens its worst case most."""
    chain = Chain(profile)
    candidates = [(setting, becomes, Chain(changed)) for setting, becomes, changed in _candidates(chain)]
    found = []
    for measure in _measures(chain):
        before_s = measure.worst_s(chain)
        if before_s is None:
            continue
        best = Change(measure.title, before_s, before_s)
        for setting, becomes, changed in candidates:
            after_s = measure.worst_s(changed)
            if after_s is not None and after_s < best.after_s - WORTH_S:
                best = Change(measure.title, before_s, after_s, setting, becomes)
        found.append(best)
    return found


def _measures(chain: Chain) -> Iterator[Measure]:
    behind = chain.profile.balanced
    front = chain.profile.front if behind else "the apiserver"
    dead, hung = (Kind.PROXY_DEAD, Kind.PROXY_HUNG) if behind else (Kind.APISERVER_DEAD, Kind.APISERVER_HUNG)
    yield Measure(f"{front} dies: the VIP moves", dead, "vip_migration_s")
    yield Measure(f"{front} hangs: the VIP moves", hung, "vip_migration_s")
    yield Measure("the node dies: the VIP moves", Kind.NODE_CRASH, "vip_migration_s")
    yield Measure(f"{front} is back: so is the VIP", dead, "failback_s")
    if any(chain.profile.servers.values()):
        yield Measure("a backend refuses: it is out", Kind.APISERVER_DEAD, "eviction_s", beside=True)
        yield Measure("a backend is silent: it is out", Kind.NODE_CRASH, "eviction_s", beside=True)
        yield Measure("a backend hangs before TLS: it is out", Kind.APISERVER_HUNG, "eviction_s", beside=True)
        yield Measure("a backend hangs after TLS: it is out", Kind.APISERVER_MUTE, "eviction_s", beside=True)
        yield Measure("a backend serves again: it is in", Kind.APISERVER_DEAD, "readmission_s", beside=True)


def _candidates(chain: Chain) -> Iterator[tuple[Setting, str, Profile]]:
    """Yield every setting that may be made faster, as the VIP's owner has it, with the profile so changed."""
    profile, owner = chain.profile, home(chain)
    for script in chain.watches(owner):
        for word, becomes, values in _of_script(chain, script) if not script.hears else ():
            scripts = {
                node: {name: replace(s, **values) if name == script.name else s for name, s in known.items()}
                for node, known in profile.scripts.items()
            }
            yield of_watch(script, word)[0], becomes, replace(profile, scripts=scripts)
        for word, becomes, alter in _heavier(chain, script):
            yield of_watch(script, word)[0], becomes, _everywhere(profile, alter)
    for word, becomes, alter in _of_instance(chain):
        yield of_instance(chain.instance(owner), word)[0], becomes, _everywhere(profile, alter)
    for server in profile.servers.get(owner, [])[:1]:
        for word, becomes, values in _of_server(server):
            servers = {node: [replace(one, **values) for one in group] for node, group in profile.servers.items()}
            yield of_server(server, word)[0], becomes, replace(profile, servers=servers)


def _of_script(chain: Chain, script: Watch) -> Iterator[tuple[str, str, dict[str, Any]]]:
    port = chain.profile.facts.port
    asks = f"curl -sfk --max-time 1 https://localhost:{port}/readyz"
    yield "script", asks, {"command": asks}
    if script.interval_s > INTERVAL_S:
        timeout_s = script.timeout_s if "timeout" in script.where else INTERVAL_S
        yield "interval", f"{INTERVAL_S:g}", {"interval_s": INTERVAL_S, "timeout_s": timeout_s}
    if script.fall > SAMPLES:
        yield "fall", str(SAMPLES), {"fall": SAMPLES}
    if script.rise > SAMPLES:
        yield "rise", str(SAMPLES), {"rise": SAMPLES}


def _heavier(chain: Chain, script: Watch) -> Iterator[tuple[str, str, Callable[[Instance], Instance]]]:
    """Yield a weight that is more than any two nodes' priorities differ by, and FAULT, which spares an election.

    FAULT only for a script that looks at nothing but its own node: what all nodes share would take the VIP from all.
    """
    bases = [chain.instance(node).priority for node in chain.nodes]
    enough = max(bases) - min(bases) + 1
    weights = [enough if script.weight > 0 else -enough] if 0 < abs(script.weight) < enough else []
    seen = looks(chain.sight(home(chain), script))
    if script.weight and seen and all(isinstance(look, Lookup) for look in seen):
        weights.append(0)
    for weight in weights:

        def weighed(one: Instance, weight: int = weight) -> Instance:
            return replace(one, tracked=weighted(one.tracked, script, weight))

        yield "weight", str(weight), weighed


def _of_instance(chain: Chain) -> Iterator[tuple[str, str, Callable[[Instance], Instance]]]:
    mine = chain.instance(home(chain))
    least_s = ADVERT_S[mine.version]
    if mine.advert_int_s > least_s:
        yield "advert_int", f"{least_s:g}", lambda one: replace(one, advert_int_s=least_s)
    if mine.down_timer_adverts > ADVERTS:
        yield "down_timer_adverts", str(ADVERTS), lambda one: replace(one, down_timer_adverts=ADVERTS)
    # The skew is shorter the higher the priority; the gaps between nodes stay as they are.
    higher = HIGHEST - max(chain.best(node) for node in chain.nodes)
    if higher > 0:
        becomes = f"{mine.priority + higher}, and every other node's {higher} more too"
        yield "priority", becomes, lambda one: replace(one, priority=one.priority + higher)


def _everywhere(profile: Profile, alter: Callable[[Instance], Instance]) -> Profile:
    instances = {node: [alter(one) for one in group] for node, group in profile.instances.items()}
    return replace(profile, instances=instances)


def _of_server(server: Server) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if not server.layer7:
        asks = {"layer7": True, "check_level": Level.HTTP, "check_tls": True}
        yield "check", "with option httpchk GET /readyz and check-ssl", asks
    if server.inter_s > INTERVAL_S:
        follow = {f"{word}_s": INTERVAL_S for word in ("fastinter", "downinter") if word not in server.where}
        yield "inter", f"{INTERVAL_S:g}s", {"inter_s": INTERVAL_S, **follow}
    if server.fastinter_s > FAST_S:
        yield "fastinter", f"{FAST_S * 1000:g}ms", {"fastinter_s": FAST_S}
    if server.downinter_s > INTERVAL_S:
        yield "downinter", f"{INTERVAL_S:g}s", {"downinter_s": INTERVAL_S}
    if server.fall > SAMPLES:
        yield "fall", str(SAMPLES), {"fall": SAMPLES}
    if server.rise > SAMPLES:
        yield "rise", str(SAMPLES), {"rise": SAMPLES}
    if (server.timeout_check_s or 0.0) > ANSWER_S:
        yield "timeout check", f"{ANSWER_S:g}s", {"timeout_check_s": ANSWER_S}
