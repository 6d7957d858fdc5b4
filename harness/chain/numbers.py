"""The chain in numbers: what a simulation needs of a profile, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.chain import priority
from harness.chain.observing import Observing
from harness.chain.retries import Retries
from harness.chain.shares import TURNS, Choice
from harness.chain.sight import Sight
from harness.profile.tried import Row


@dataclass(frozen=True)
class Track:
    """Something watched: how often a script runs, what it sees, and what its verdict is worth.

    `tried` is what a script did in a lab, where that is not what its text tells. Of what is no script keepalived
    `hears` at once; it counts after `lost_s`, or again after `found_s`. It `stands` where it passes while nothing is
    broken.
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
    stands: bool = True

    def faulty(self, passes: bool | None) -> bool:
        """Say whether its verdict has the node in FAULT; one that is not there yet has, too."""
        return self.weight == 0 and (passes is None or passes is self.reverse)


@dataclass(frozen=True)
class HealthCheck:
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
class Backend:
    """A haproxy server: the machine it stands for, by its place in the chain; unchecked it is always UP."""

    name: str
    node: int
    check: HealthCheck | None
    weight: int = 1
    backup: bool = False
    slowstart_s: float = 0.0


@dataclass(frozen=True)
class Balancer:
    """What a haproxy does with a connection: its servers, and how it goes on where one does not take it."""

    servers: tuple[Backend, ...]
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
    startup_delay_s: float = 0.0

    def effective(self, passing: tuple[bool | None, ...]) -> int:
        """Return the priority for its scripts' verdicts, None for one not yet known; its own where it is in FAULT."""
        tracked = ((t.weight, t.reverse, ok) for t, ok in zip(self.tracks, passing, strict=True))
        found = priority.effective(self.priority, tracked)
        return self.priority if found is None else found

    @cached_property
    def rested(self) -> int:
        """Return the priority while nothing is broken; 0 in FAULT."""
        if any(track.faulty(track.stands) for track in self.tracks):
            return 0
        return self.effective(tuple(track.stands for track in self.tracks))

    def skew_s(self, effective: int, advert_int_s: float) -> float:
        """Return the skew time."""
        return priority.skew_s(effective, self.version, advert_int_s)

    def down_s(self, effective: int, advert_int_s: float) -> float:
        """Return the master-down time; in version 3 with the interval that the owner advertises."""
        return priority.master_down_s(effective, self.version, advert_int_s, self.down_timer_adverts)


@dataclass(frozen=True)
class Numbers:
    """The nodes in the profile's order; `remarks` say what of it the model does not know how to follow.

    `dedicated` are the masters without a keepalived, by name; their places follow on those of the nodes.
    `apiserver_boot_s` is how long an apiserver that starts does not listen yet.
    """

    nodes: tuple[Node, ...]
    remarks: tuple[str, ...] = ()
    dedicated: tuple[str, ...] = ()
    apiserver_boot_s: float = 0.0

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
