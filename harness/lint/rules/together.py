"""Instances of a sync group, which move together: K19."""

from __future__ import annotations

from collections.abc import Iterator

from harness.chain import group
from harness.lint.rule import Problem, Severity, rule
from harness.lint.setup import Setup
from harness.profile.keepalived import Instance


@rule("K19", "instances that move together", "https://www.keepalived.org/manpage.html")
def together(setup: Setup) -> Iterator[Problem]:
    """A sync group is as slow, and as weak, as the last of its members, and ignores their weighted checks.

    Without `sync_group_tracking_weight` keepalived does not track a member's check that has a weight, not even for
    that member. None is MASTER before all may be, and one whose priority stays as it is holds the others back.

    Confirmed: with two keepaliveds 2.2.7 in network namespaces.

    Remedy: weight 0, or have the group itself track it; the same priority, `advert_int` and weights for all members.
    """
    for conf in setup.confs:
        groups: dict[str, list[Instance]] = {}
        for _, instance in conf.instances:
            for remark in instance.remarks:
                if any(f"weight of {name} does not count: its sync group" in remark.text for name in conf.scripts):
                    told = f"{remark.text}, and keepalived tracks it not at all; weight 0, or have the group track it"
                    yield Problem(remark.where, Severity.WARNING, told)
            if instance.sync_group:
                groups.setdefault(instance.sync_group, []).append(instance)
        for name, members in groups.items():
            if other := group.unlike(members):
                told = (
                    f"{other.name} takes over at another time than {members[0].name}, and {name} is MASTER only once "
                    "both can be; the same priority, advert_int and weights"
                )
                yield Problem(other.at("priority"), Severity.WARNING, told)
