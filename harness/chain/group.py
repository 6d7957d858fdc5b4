"""Instances that move together (vrrp_sync_group), as keepalived 2.2.7 has it in vrrp_sync.c and vrrp_scheduler.c.

What puts one into FAULT puts all into FAULT, each of which says so with priority 0. One whose wait is over becomes
MASTER only once the waits of all are over, and one that hears a stronger MASTER takes all back to BACKUP. Each has its
own priority; without sync_group_tracking_weight a script with a weight is not tracked at all, but by the group itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from harness.chain import priority
from harness.chain.watch import Watch, watches, weights
from harness.profile.keepalived import Instance, Script


def siblings(instances: Sequence[Instance]) -> list[Instance]:
    """Return who moves with the first of a node's instances."""
    first, *others = instances
    return [one for one in others if one.sync_group and one.sync_group == first.sync_group]


def watched(instances: Sequence[Instance], scripts: Mapping[str, Script]) -> tuple[Watch, ...]:
    """Return what moves the first of a node's instances: what it watches, and what puts a sibling in FAULT."""
    found = {one.name: one for one in watches(instances[0], scripts)}
    for sibling in siblings(instances):
        found |= {one.name: one for one in watches(sibling, scripts) if one.weight == 0}
    return tuple(found.values())


def effective(instance: Instance, failing: Collection[str]) -> int:
    """Return an instance's own priority while watches fail that do not put it in FAULT."""
    weighed = ((weight, reverse, name not in failing) for name, weight, reverse in weights(instance))
    return priority.effective(instance.priority, weighed) or 0


def timers(instance: Instance) -> tuple[object, ...]:
    """Return what decides when an instance takes over."""
    own = (instance.priority, instance.version, instance.advert_int_s, instance.down_timer_adverts)
    return (*own, instance.preempts, instance.preempt_delay_s, tuple(sorted(weights(instance))))


def unlike(instances: Sequence[Instance]) -> Instance | None:
    """Return a sibling that would take over at another time than the first; None where all move as one."""
    return next((one for one in siblings(instances) if timers(one) != timers(instances[0])), None)
