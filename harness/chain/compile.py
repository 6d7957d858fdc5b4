"""The chain brought to numbers, for a simulation."""

from __future__ import annotations

from collections.abc import Iterator

from harness.chain import (
    accepting,
    elsewhere,
    group,
    ipvs,
    mismatch,
    observing,
    owned,
    patience,
    rest,
    retries,
    shares,
    table,
)
from harness.chain.chain import Chain
from harness.chain.differing import differing
from harness.chain.numbers import Backend, Balancer, HealthCheck, Node, Numbers, Track
from harness.chain.shares import Choice, Way
from harness.chain.sight import asks_ready, unknown
from harness.errors import UsageError
from harness.profile import haproxy
from harness.profile.folder import Profile

# What is taken for granted of a way to choose that depends on more than who is up.
TAKEN = {
    Way.LEAST: "others are taken to hold connections, so that who refuses is chosen first; else weights alone decide",
    Way.RANDOM: "others are taken to hold connections, so that who refuses wins each draw; retries go on in turns",
    Way.HASH: "clients are taken to be spread as the weights are",
    Way.STICK: "clients are taken to stick to none yet",
}


def of(profile: Profile) -> Numbers:
    """Return the numbers of a profile's chain; raise UsageError where a simulation cannot follow it."""
    if any(profile.upstreams.values()):
        told = "nginx learns of a dead server from its clients, which the model does not follow: it cannot be simulated"
        raise UsageError(f"{profile.name}: {told}")
    if why := next(filter(None, (mismatch.of(profile, node) for node in profile.facts.lbs)), ""):
        raise UsageError(f"{profile.name}: {why}; there is nothing to simulate: `harness lint` says what to write")
    if why := ipvs.unfollowed(profile):
        raise UsageError(f"{profile.name}: how clients fare depends on {why}: it cannot be simulated")
    chain, remarks = Chain(profile), list[str]()
    if held := rest.held_back(chain):
        raise UsageError(f"{profile.name}: {rest.told(held[1])}; there is nothing to simulate")
    if why := owned.told(profile):
        raise UsageError(f"{profile.name}: {why}; there is nothing to simulate")
    facts = profile.facts
    dedicated = tuple(name for name in facts.masters if name not in facts.lbs)
    places = {name: place for place, name in enumerate((*facts.lbs, *dedicated))}
    nodes = tuple(_node(chain, name, places, remarks) for name in facts.lbs)
    return Numbers(nodes, tuple(dict.fromkeys(remarks)), dedicated, facts.apiserver_boot_s)


def _node(chain: Chain, name: str, places: dict[str, int], remarks: list[str]) -> Node:
    profile, instance = chain.profile, chain.instance(name)
    if other := group.unlike(profile.instances[name]):
        together = f"{other.name} of sync group {other.sync_group} takes over at another time than {instance.name}"
        remarks.append(f"{together}: that all wait for the last is not followed")
    if any(word.startswith("notify") for word in instance.where):
        remarks.append(f"what {instance.name} notifies is not run")
    return Node(
        name=name,
        address=tuple(profile.facts.nodes[name].packed),
        priority=instance.priority,
        version=instance.version,
        advert_int_s=instance.advert_int_s,
        down_timer_adverts=instance.down_timer_adverts,
        preempts=instance.preempts,
        preempt_delay_s=instance.preempt_delay_s,
        garp_again_s=float(instance.garp.delay_s),
        tracks=tuple(_tracks(chain, name, remarks)),
        balancer=_balancer(profile, name, places, remarks),
        master=name in profile.facts.masters,
        garp_refresh_s=float(instance.garp.refresh_s),
        accepts=accepting.refusal(instance) is None,
        moves_mac=instance.moves_mac,
        startup_delay_s=instance.startup_delay_s,
    )


def _tracks(chain: Chain, name: str, remarks: list[str]) -> Iterator[Track]:
    failing = rest.failing(chain, name, rest.at_rest(chain))
    for watch in chain.watches(name):
        seen, script = chain.sight(name, watch), watch.script
        tried = table.row(chain.profile, name, script) if script and differing(chain, name, watch) else None
        if (why := unknown(seen)) and (tried is None or any(t.passes is None or t.meddles for t in tried.trials)):
            told = "passes whatever happens in half of the trials, and fails with any daemon of its node in the others"
            remarks.append(f"{watch.name} is not understood ({why}): it {told}")
        yield Track(
            name=watch.name,
            interval_s=watch.interval_s,
            timeout_s=watch.timeout_s,
            fall=watch.fall,
            rise=watch.rise,
            weight=watch.weight,
            sight=seen,
            reverse=watch.reverse,
            tried=tried,
            hears=watch.hears,
            lost_s=watch.lost_s,
            found_s=watch.found_s,
            stands=watch.name not in failing,
        )


def _balancer(profile: Profile, name: str, places: dict[str, int], remarks: list[str]) -> Balancer | None:
    found = profile.servers.get(name, [])
    if not found:
        return None
    nodes = [profile.stands_for(name, server) for server in found]
    for server, node in zip(found, nodes, strict=True):
        if node is None:
            remarks.append(f"haproxy server {server.name} is none of the nodes; left out")
    choice = shares.choice(found[0])
    if choice.way in TAKEN:
        remarks.append(f"balance {found[0].balance}: {TAKEN[choice.way]}")
    if any(observing.of(server) for server in found):
        remarks.append(
            "how many clients `observe` hears: as many as a lab has (fresh_per_s), through the VIP's owner alone"
        )
    return Balancer(
        servers=tuple(
            _server(server, places[node], choice) for server, node in zip(found, nodes, strict=True) if node is not None
        ),
        retries=retries.of(found[0]),
        choice=choice,
        all_backups=found[0].all_backups,
    )


def _server(server: haproxy.Server, node: int, choice: Choice) -> Backend:
    if untold := elsewhere.untold(server):
        raise UsageError(f"{server.at('port')}: {untold} no file tells: it cannot be simulated")
    return Backend(
        name=server.name,
        node=node,
        check=_check(server) if server.checked else None,
        weight=min(1, server.weight) if choice.way is Way.FIRST else server.weight,
        backup=server.backup,
        slowstart_s=server.slowstart_s if choice.grows else 0.0,
    )


def _check(server: haproxy.Server) -> HealthCheck:
    return HealthCheck(
        inter_s=server.inter_s,
        fastinter_s=server.fastinter_s,
        downinter_s=server.downinter_s,
        fall=server.fall,
        rise=server.rise,
        layer7=server.layer7,
        secure=server.check_tls,
        asks_ready=asks_ready(server),
        connect_s=patience.connect_s(server),
        answer_s=patience.answer_s(server),
        observing=observing.of(server),
        hello=server.check_level is haproxy.Level.TLS and not server.check_tls,
    )
