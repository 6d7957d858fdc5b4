"""The chain in numbers: what a simulation needs of a profile, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from harness.errors import UsageError
from harness.model.probes import Probe, asks_ready, probes
from harness.profile import haproxy, keepalived
from harness.profile.files import HAPROXY
from harness.profile.folder import Profile


@dataclass(frozen=True)
class Track:
    """A vrrp_script: how often it runs, what it looks at, and what its verdict is worth."""

    name: str
    interval_s: float
    timeout_s: float
    fall: int
    rise: int
    weight: int
    probes: tuple[Probe, ...]


@dataclass(frozen=True)
class Check:
    """A haproxy server's health check; `connect_s` and `answer_s` are how long it waits for either.

    `secure` means that it shakes hands over TLS, `asks_ready` that a node without etcd's quorum does not pass it.
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


@dataclass(frozen=True)
class Server:
    """A haproxy server: the node it stands for, by its place in the chain; unchecked it is always UP."""

    name: str
    node: int
    check: Check | None


@dataclass(frozen=True)
class Balancer:
    """What a haproxy does with a connection; `rotates` where each choice is a new one (roundrobin, random)."""

    servers: tuple[Server, ...]
    retries: int
    redispatches: bool
    rotates: bool
    connect_s: float


@dataclass(frozen=True)
class Node:
    """A node's keepalived, and its haproxy; without one the VIP leads straight to the node's apiserver.

    `garp_again_s` is how long after its first gratuitous ARPs it sends the second ones.
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

    def effective(self, passing: tuple[bool | None, ...]) -> int:
        """Return the priority for its scripts' verdicts, None for one not yet known; 255 never changes."""
        if self.priority == 255:
            return 255
        gained = sum(t.weight for t, ok in zip(self.tracks, passing, strict=True) if ok and t.weight > 0)
        lost = sum(t.weight for t, ok in zip(self.tracks, passing, strict=True) if ok is False and t.weight < 0)
        return min(254, max(1, self.priority + gained + lost))

    @cached_property
    def best(self) -> int:
        """Return the priority with every script passing."""
        return self.effective(tuple(True for _ in self.tracks))

    def skew_s(self, priority: int, advert_int_s: float) -> float:
        """Return the skew time in whole microseconds, as keepalived's vrrp.h has it."""
        behind = 256 - priority
        if self.version == 3:
            return (behind * round(advert_int_s * 100) * 625 // 16) / 1e6
        return (behind * 1_000_000 // 256) / 1e6

    def down_s(self, priority: int, advert_int_s: float) -> float:
        """Return the master-down time (RFC 3768 §6.1; in RFC 5798 with the interval that the owner advertises)."""
        return self.down_timer_adverts * advert_int_s + self.skew_s(priority, advert_int_s)


@dataclass(frozen=True)
class Chain:
    """The nodes in the profile's order; `remarks` say what of it the model does not know how to follow."""

    nodes: tuple[Node, ...]
    remarks: tuple[str, ...] = ()

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
    remarks: list[str] = []
    places = {str(address): place for place, address in enumerate(profile.facts.nodes.values())}
    nodes = tuple(_node(profile, name, places, remarks) for name in profile.facts.nodes)
    return Chain(nodes, tuple(dict.fromkeys(remarks)))


def _node(profile: Profile, name: str, places: dict[str, int], remarks: list[str]) -> Node:
    instance = profile.instances[name][0]
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
        tracks=tuple(_tracks(profile, name, instance, remarks)),
        balancer=_balancer(profile, name, places, remarks),
    )


def _tracks(profile: Profile, name: str, instance: keepalived.Instance, remarks: list[str]) -> Iterator[Track]:
    for tracked in (t for t in instance.tracked.scripts if t.name in profile.scripts[name]):
        script = profile.scripts[name][tracked.name]
        looked = probes(profile, name, script.command)
        if not looked:
            remarks.append(f"what {script.command.split()[0]} looks at is not known; taken as always passing")
        yield Track(
            name=script.name,
            interval_s=script.interval_s,
            timeout_s=script.timeout_s,
            fall=script.fall,
            rise=script.rise,
            weight=tracked.weight,
            probes=looked,
        )


def _balancer(profile: Profile, name: str, places: dict[str, int], remarks: list[str]) -> Balancer | None:
    found = profile.servers.get(name, [])
    if not found:
        return None
    for server in found:
        if server.address not in places:
            remarks.append(f"haproxy server {server.name} is none of the nodes; left out")
    sections = haproxy.parse(profile.text(name, HAPROXY), f"{name}/haproxy.cfg")
    scope = [s for s in sections if s.kind == "defaults" or s.name == found[0].backend]

    def effective(*words: str) -> list[str] | None:
        lines = [line for section in scope if (line := section.first(*words)) is not None]
        return lines[-1] if lines else None

    algorithm = (effective("balance") or ["roundrobin"])[0]
    return Balancer(
        servers=tuple(
            Server(s.name, places[s.address], _check(s, scope) if s.checked else None)
            for s in found
            if s.address in places
        ),
        retries=int((effective("retries") or ["3"])[0]),
        redispatches=effective("option", "redispatch") is not None,
        rotates=algorithm in ("roundrobin", "static-rr", "random"),
        connect_s=found[0].timeout_connect_s,
    )


def _check(server: haproxy.Server, scope: list[haproxy.Section]) -> Check:
    own = server.timeout_check_s
    lines = [words for section in scope for _, words in section.lines]
    texts = [" ".join(words) for words in lines]
    mine = next((t for t in texts if t.startswith(f"server {server.name} ")), "")
    return Check(
        inter_s=server.inter_s,
        fastinter_s=server.fastinter_s,
        downinter_s=server.downinter_s,
        fall=server.fall,
        rise=server.rise,
        layer7=server.layer7,
        secure=any(t.startswith("http-check connect") and " ssl" in t for t in texts)
        or any(word in mine.split() for word in ("ssl", "check-ssl")),
        asks_ready=server.layer7 and asks_ready(lines),
        # With `timeout check` set the connection has its own limit; else `inter` bounds the whole check.
        connect_s=server.inter_s if own is None else min(server.inter_s, server.timeout_connect_s),
        answer_s=server.inter_s if own is None else own,
    )
