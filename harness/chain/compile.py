"""The chain in numbers: what a simulation needs of a profile, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.chain import accepting, group, ipvs, mismatch, observing, priority, retries, shares, table
from harness.chain.differing import differing
from harness.chain.observing import Observing
from harness.chain.retries import Retries
from harness.chain.router import Router
from harness.chain.shares import TURNS, Choice, Way
from harness.chain.sight import Sight, asks_ready, unknown
from harness.errors import UsageError
from harness.profile import haproxy
from harness.profile.folder import Profile
from harness.profile.tried import Row

# What is taken for granted of a way to choose that depends on more than who is up.
TAKEN = {
    Way.LEAST: "others are taken to hold connections, so that who refuses is chosen first; else weights alone decide",
    Way.RANDOM: "others are taken to hold connections, so that who refuses wins each draw; retries go on in turns",
    Way.HASH: "clients are taken to be spread as the weights are",
}


@dataclass(frozen=True)
class Track:
    """Something watched: how often a script runs, what it sees, and what its verdict is worth.

    `tried` is what a script did in a lab, where that is not what its text tells. Of what is no script keepalived
    `hears` at once; it counts after `lost_s`, or again after `found_s`.
    """

    name: str
    interval_s: float
    timeout_s: float
    fall: int
    rise: int
    weight: int
    sight: Sight
    reverse: bool = False
    tried: Row | None = None
    hears: bool = False
    lost_s: float = 0.0
    found_s: float = 0.0

    def faulty(self, passes: bool | None) -> bool:
        """Say whether its verdict has the node in FAULT; one that is not there yet has, too."""
        return self.weight == 0 and (passes is None or passes is self.reverse)


@dataclass(frozen=True)
class Check:
    """A haproxy server's health check; `connect_s` and `answer_s` are how long it waits for either.

    `secure` means that it shakes hands over TLS, `hello` that it awaits an answer to a TLS hello and no more,
    `asks_ready` that a node without etcd's quorum does not pass it; `observing` is what its clients' errors do.
    """

    inter_s: float
    fastinter_s: float
    downinter_s: float
    fall: int
    rise: int
    layer7: bool
    secure: bool
    asks_ready: bool
    connect_s: float
    answer_s: float
    observing: Observing | None = None
    hello: bool = False


@dataclass(frozen=True)
class Server:
    """A haproxy server: the machine it stands for, by its place in the chain; unchecked it is always UP."""

    name: str
    node: int
    check: Check | None
    weight: int = 1
    backup: bool = False
    slowstart_s: float = 0.0


@dataclass(frozen=True)
class Balancer:
    """What a haproxy does with a connection: its servers, and how it goes on where one does not take it."""

    servers: tuple[Server, ...]
    retries: Retries
    choice: Choice = TURNS
    all_backups: bool = False

    @cached_property
    def backups(self) -> frozenset[int]:
        """Return the nodes that get nothing while another is up."""
        return frozenset(server.node for server in self.servers if server.backup)

    def standby(self, up: Sequence[int]) -> bool:
        """Say whether those that it sends to are backups: it never mixes them with others."""
        return bool(self.backups) and up[0] in self.backups


@dataclass(frozen=True)
class Node:
    """A node's keepalived, and its haproxy; without one the VIP leads straight to the node's apiserver.

    `master` says that it has an apiserver and a member of etcd besides. `garp_again_s` is how long after its first
    gratuitous ARPs it sends the second ones, `garp_refresh_s` how far apart it sends others for as long as it is
    MASTER; 0 means never. Unless it `accepts`, nothing that is sent to the VIP is answered. With `moves_mac` the VIP
    has a MAC of its own, so that a switch learns of a move from an advert.
    """

    name: str
    address: tuple[int, ...]
    priority: int
    version: int
    advert_int_s: float
    down_timer_adverts: int
    preempts: bool
    preempt_delay_s: float
    garp_again_s: float
    tracks: tuple[Track, ...]
    balancer: Balancer | None
    master: bool = True
    garp_refresh_s: float = 0.0
    accepts: bool = True
    moves_mac: bool = False

    def effective(self, passing: tuple[bool | None, ...]) -> int:
        """Return the priority for its scripts' verdicts, None for one not yet known; its own where it is in FAULT."""
        tracked = ((t.weight, t.reverse, ok) for t, ok in zip(self.tracks, passing, strict=True))
        found = priority.effective(self.priority, tracked)
        return self.priority if found is None else found

    @cached_property
    def best(self) -> int:
        """Return the priority with every script passing."""
        return self.effective(tuple(True for _ in self.tracks))

    def skew_s(self, effective: int, advert_int_s: float) -> float:
        """Return the skew time."""
        return priority.skew_s(effective, self.version, advert_int_s)

    def down_s(self, effective: int, advert_int_s: float) -> float:
        """Return the master-down time; in version 3 with the interval that the owner advertises."""
        return priority.master_down_s(effective, self.version, advert_int_s, self.down_timer_adverts)


@dataclass(frozen=True)
class Chain:
    """The nodes in the profile's order; `remarks` say what of it the model does not know how to follow.

    `dedicated` are the masters without a keepalived, by name; their places follow on those of the nodes.
    """

    nodes: tuple[Node, ...]
    remarks: tuple[str, ...] = ()
    dedicated: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return every machine's name, by its place."""
        return (*(node.name for node in self.nodes), *self.dedicated)

    @cached_property
    def slowest_s(self) -> float:
        """Return the longest of all periods, also of a check that waits in vain: what is random is so over it."""
        checks = [s.check for n in self.nodes if n.balancer for s in n.balancer.servers if s.check]
        periods = [n.advert_int_s for n in self.nodes]
        periods += [t.interval_s for n in self.nodes for t in n.tracks]
        periods += [max(c.inter_s, c.downinter_s + c.connect_s) for c in checks]
        return max(periods)


def of(profile: Profile) -> Chain:
    """Return the chain that a profile's files describe; raise UsageError where the model cannot follow it."""
    if any(profile.upstreams.values()):
        told = "nginx learns of a dead server from its clients, which the model does not follow: it cannot be simulated"
        raise UsageError(f"{profile.name}: {told}")
    if why := next(filter(None, (mismatch.of(profile, node) for node in profile.facts.lbs)), ""):
        raise UsageError(f"{profile.name}: {why}; there is nothing to simulate: `harness lint` says what to write")
    if why := ipvs.unfollowed(profile):
        raise UsageError(f"{profile.name}: how clients fare depends on {why}: it cannot be simulated")
    remarks: list[str] = []
    facts = profile.facts
    dedicated = tuple(name for name in facts.masters if name not in facts.lbs)
    places = {name: place for place, name in enumerate((*facts.lbs, *dedicated))}
    nodes = tuple(_node(profile, name, places, remarks) for name in facts.lbs)
    return Chain(nodes, tuple(dict.fromkeys(remarks)), dedicated)


def _node(profile: Profile, name: str, places: dict[str, int], remarks: list[str]) -> Node:
    instance = profile.instances[name][0]
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
        tracks=tuple(_tracks(profile, name, remarks)),
        balancer=_balancer(profile, name, places, remarks),
        master=name in profile.facts.masters,
        garp_refresh_s=float(instance.garp.refresh_s),
        accepts=accepting.refusal(instance) is None,
        moves_mac=instance.moves_mac,
    )


def _tracks(profile: Profile, name: str, remarks: list[str]) -> Iterator[Track]:
    router = Router(profile)
    for watch in router.watches(name):
        seen, script = router.sight(name, watch), watch.script
        tried = table.row(profile, name, script) if script and differing(router, name, watch) else None
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
        )


def _balancer(profile: Profile, name: str, places: dict[str, int], remarks: list[str]) -> Balancer | None:
    found = profile.servers.get(name, [])
    if not found:
        return None
    nodes = [profile.facts.node_at(server.address) for server in found]
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


def _server(server: haproxy.Server, node: int, choice: Choice) -> Server:
    return Server(
        name=server.name,
        node=node,
        check=_check(server) if server.checked else None,
        weight=min(1, server.weight) if choice.way is Way.FIRST else server.weight,
        backup=server.backup,
        slowstart_s=server.slowstart_s if choice.grows else 0.0,
    )


def _check(server: haproxy.Server) -> Check:
    own = server.timeout_check_s
    return Check(
        inter_s=server.inter_s,
        fastinter_s=server.fastinter_s,
        downinter_s=server.downinter_s,
        fall=server.fall,
        rise=server.rise,
        layer7=server.layer7,
        secure=server.check_tls,
        asks_ready=asks_ready(server),
        # With `timeout check` set the connection has its own limit; else `inter` bounds the whole check.
        connect_s=server.inter_s if own is None else min(server.inter_s, server.timeout_connect_s),
        answer_s=server.inter_s if own is None else own,
        observing=observing.of(server),
        hello=server.check_level is haproxy.Level.TLS and not server.check_tls,
    )
