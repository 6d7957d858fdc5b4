"""The chain: what a profile's files mean, which everybody asks who predicts, simulates, lints or judges."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from harness.chain import group, priority
from harness.chain.failure import PROXY, Failure, Kind, Standing
from harness.chain.sight import Sight, of_script
from harness.chain.watch import Watch
from harness.profile.folder import Profile
from harness.profile.haproxy import Server
from harness.profile.keepalived import Instance, Script


def skew_s(effective: int, instance: Instance) -> float:
    """Return the skew time of a backup with such a priority."""
    return priority.skew_s(effective, instance.version, instance.advert_int_s)


def master_down_s(effective: int, instance: Instance) -> float:
    """Return how long a backup with such a priority waits for an advert before it becomes MASTER."""
    waits = (instance.version, instance.advert_int_s, instance.down_timer_adverts)
    return priority.master_down_s(effective, *waits)


def _learnt(own: Instance, owner: Instance) -> Instance:
    return replace(own, advert_int_s=owner.advert_int_s) if own.version == 3 else own


@dataclass(frozen=True)
class Chain:
    """The nodes with the virtual router that carries the VIP, and VRRP on them as keepalived 2.2.7 does it.

    `supposed` are watches, by node and name, that are taken to fail: nobody can tell, or they may be unlucky.
    """

    profile: Profile
    supposed: frozenset[tuple[str, str]] = frozenset()

    @property
    def nodes(self) -> list[str]:
        """Return the nodes that may hold the VIP."""
        return list(self.profile.instances)

    @property
    def masters(self) -> list[str]:
        """Return the nodes with an apiserver and a member of etcd."""
        return self.profile.facts.masters

    @property
    def front(self) -> str:
        """Return the process that answers on the VIP."""
        return self.profile.front

    @property
    def checked(self) -> list[Server]:
        """Return the servers, on every proxy, whose checks ask the apiservers how they are."""
        return [server for group in self.profile.servers.values() for server in group if server.checked]

    @property
    def machines(self) -> list[str]:
        return list(self.profile.facts.nodes)

    def rivals(self, owner: str | None, standing: Standing) -> list[str]:
        """Return the living nodes that might have the VIP in place of its owner."""
        return [node for node in self.nodes if node in standing.alive and node != owner]

    def fails(self, kind: Kind, node: str) -> Failure:
        """Return a failure of one of its nodes."""
        front = self.profile.front
        return Failure(kind, node, front) if self.profile.balanced and kind.process == PROXY else Failure(kind, node)

    def second(self, node: str) -> bool:
        """Say whether the VIP is one more address of a network that a node is in, not one of a network of its own.

        Linux then gives who asks it there the first address as its own (fib_add_ifaddr, net/ipv4/fib_frontend.c).
        """
        facts = self.profile.facts
        return dict(self.instance(node).lengths).get(str(facts.vip)) == facts.subnet.prefixlen

    def instance(self, node: str) -> Instance:
        """Return the instance that carries the VIP."""
        return self.profile.instances[node][0]

    def watches(self, node: str) -> tuple[Watch, ...]:
        """Return what the instance or its sync group watches, with the weight that it has there."""
        return group.watched(self.profile.instances[node], self.profile.scripts[node])

    def scripts(self, node: str) -> list[Script]:
        """Return the scripts among them."""
        return [watch.script for watch in self.watches(node) if watch.script]

    def backup(self, node: str, owner: str) -> Instance:
        """Return a backup's instance as it runs: in v3 with the interval that it learns from the owner's adverts."""
        return _learnt(self.instance(node), self.instance(owner))

    def down_s(self, node: str, owner: str, effective: int) -> float:
        """Return how long a backup with such a priority waits for an advert; in a sync group until the last has."""
        waits = [master_down_s(effective, self.backup(node, owner))]
        return max([*waits, *(master_down_s(group.effective(one, ()), one) for one in self._others(node, owner))])

    def skew_s(self, node: str, owner: str, effective: int) -> float:
        """Return the same for an owner that resigns."""
        waits = [skew_s(effective, self.backup(node, owner))]
        return max([*waits, *(skew_s(group.effective(one, ()), one) for one in self._others(node, owner))])

    def _others(self, node: str, owner: str) -> list[Instance]:
        """Return who moves with a backup's instance, each as it runs."""
        owners = {one.name: one for one in self.profile.instances[owner]}
        mine = group.siblings(self.profile.instances[node])
        return [_learnt(one, owners.get(one.name, one)) for one in mine]

    def held(self, node: str, owner: str, failed: Collection[str], failing: Collection[str]) -> tuple[str, int] | None:
        """Return whom of a sync group a node cannot take from an owner, and what that one still advertises.

        `failed` are the watches that fail on the owner, `failing` those that fail on the node.
        """
        owners = {one.name: one for one in group.siblings(self.profile.instances[owner])}
        for one in group.siblings(self.profile.instances[node]):
            if one.name in owners:
                left = group.effective(owners[one.name], failed)
                if not one.preempts or group.effective(one, failing) <= left:
                    return one.name, left
        return None

    def priority(self, node: str, failing: Collection[str] = ()) -> int | None:
        """Return the effective priority while the watches named in `failing` fail; None in FAULT."""
        tracked = ((s.weight, s.reverse, s.name not in failing) for s in self.watches(node))
        return priority.effective(self.instance(node).priority, tracked)

    def best(self, node: str) -> int:
        """Return the effective priority with every watch standing; 0 where that has it in FAULT."""
        return self.priority(node) or 0

    def sight(self, node: str, watch: Watch) -> Sight:
        """Return what a watch looks at on a node."""
        if watch.script is not None:
            return of_script(self.profile, node, watch.script)
        assert watch.seen is not None
        return watch.seen
