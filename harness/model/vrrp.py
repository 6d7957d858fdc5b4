"""VRRP as keepalived 2.2.7 does it: waits, effective priorities, and who carries the VIP.

Formulas: RFC 3768 §6.1 and RFC 5798 §6.1 as vrrp.h has them; effective priorities as vrrp_track.c sums them up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from harness.model.failure import PROXY, Failure, Kind
from harness.profile.folder import Profile
from harness.profile.keepalived import Instance, Script

# The address owner's priority: no script ever changes it (vrrp_set_effective_priority).
OWNER = 255


def clamped(priority: int) -> int:
    """Return a priority within what VRRP can carry for a non-owner."""
    return min(254, max(1, priority))


def skew_s(priority: int, instance: Instance) -> float:
    """Return the skew time of a backup with `priority`: in v2 not scaled by the advert interval, in v3 scaled."""
    return (256 - priority) / 256 * (instance.advert_int_s if instance.version == 3 else 1.0)


def master_down_s(priority: int, instance: Instance) -> float:
    """Return how long a backup with `priority` waits for an advert before it becomes MASTER."""
    return instance.down_timer_adverts * instance.advert_int_s + skew_s(priority, instance)


@dataclass(frozen=True)
class Router:
    """The virtual router that carries the VIP, over all nodes of a profile."""

    profile: Profile

    @property
    def nodes(self) -> list[str]:
        return list(self.profile.instances)

    @property
    def home(self) -> str:
        """Return the node that has the VIP while nothing fails; among equals the highest address wins."""
        addresses = self.profile.facts.nodes
        return max(self.nodes, key=lambda node: (self.best(node), int(addresses[node])))

    def fails(self, kind: Kind, node: str) -> Failure:
        """Return a failure of one of its nodes."""
        front = self.profile.front
        return Failure(kind, node, front) if self.profile.balanced and kind.process == PROXY else Failure(kind, node)

    def instance(self, node: str) -> Instance:
        """Return the instance that carries the VIP."""
        return self.profile.instances[node][0]

    def scripts(self, node: str) -> list[Script]:
        """Return the scripts that the instance tracks, with the weight that it gives them."""
        known = self.profile.scripts[node]
        tracked = self.instance(node).tracked.scripts
        return [replace(known[t.name], weight=t.weight, reverse=t.reverse) for t in tracked if t.name in known]

    def backup(self, node: str, owner: str) -> Instance:
        """Return a backup's instance as it runs: in v3 with the interval that it learns from the owner's adverts."""
        own = self.instance(node)
        return replace(own, advert_int_s=self.instance(owner).advert_int_s) if own.version == 3 else own

    def priority(self, node: str, failing: Collection[str] = ()) -> int | None:
        """Return the effective priority while the scripts named in `failing` fail; None in FAULT."""
        base, total = self.instance(node).priority, self.instance(node).priority
        for script in self.scripts(node):
            fails = (script.name in failing) is not script.reverse
            if fails and script.weight == 0:
                return None
            if (script.weight < 0) == fails:
                total += script.weight
        return base if base == OWNER else clamped(total)

    def best(self, node: str) -> int:
        """Return the effective priority with every script passing."""
        priority = self.priority(node)
        assert priority is not None
        return priority

    def program(self, node: str, script: Script) -> str:
        """Return a script's command with the text of the programs that it names, as far as the profile has them."""
        words = script.command.split()
        return "\n".join([script.command, *(f.text for f in self.profile.files[node] if f.path in words)])
