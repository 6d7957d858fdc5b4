"""All instances and sync groups of a configuration, read from top to bottom as keepalived 2.2.7 does."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.profile.keepalived.block import Block
from harness.profile.keepalived.defaults import START, further
from harness.profile.keepalived.instance import Instance, instance
from harness.profile.keepalived.security import security
from harness.profile.keepalived.settings import Settings, only_name_of
from harness.profile.keepalived.trackable import process, script, track_file
from harness.profile.keepalived.tracked import OWNER, Known, Tracking, joined, tracking, unweighted
from harness.profile.where import Placed, Remark


@dataclass(frozen=True)
class SyncGroup(Placed):
    """A vrrp_sync_group: instances that move together; `weights` says whether their own weights count."""

    name: str
    members: tuple[str, ...]
    weights: bool
    tracked: Tracking
    remarks: tuple[Remark, ...] = ()


def instances(root: Block) -> list[Instance]:
    """Return the vrrp_instances in the file's order, of equal names the first.

    Raise ProfileError with file and line where a value cannot be understood.
    """
    found, groups = _read(root)
    member_of: dict[str, tuple[SyncGroup, bool]] = {}
    for group in groups:
        owners = all(found[name].priority == OWNER for name in group.members)
        member_of |= dict.fromkeys(group.members, (group, owners))
    return [_complete(one, *member_of.get(one.name, (None, False))) for one in found.values()]


def sync_groups(root: Block) -> list[SyncGroup]:
    """Return the vrrp_sync_groups that have members, in the file's order; raise as `instances` does."""
    return _read(root)[1]


def _read(root: Block) -> tuple[dict[str, Instance], list[SyncGroup]]:
    # The daemon reads global_defs, wherever they stand, before it starts the process that reads the rest.
    defaults = START
    for block in root.all("global_defs"):
        defaults = further(defaults, block)
    known, secured = Known({}, {}, {}), security(root)
    found: dict[str, Instance] = {}
    groups: dict[str, SyncGroup] = {}
    for block in root.children:
        match block.words[0]:
            case "vrrp_script" if (one := script(block, secured)).complete:
                known.scripts.setdefault(one.name, one)
            case "vrrp_track_process" if (two := process(block)).complete:
                known.processes.setdefault(two.name, two)
            case "track_file" | "vrrp_track_file" if (three := track_file(block)).complete:
                known.files.setdefault(three.name, three)
            case "vrrp_instance" if only_name_of(block) not in found:
                found[block.words[1]] = instance(block, defaults, known)
            case "vrrp_sync_group" if only_name_of(block) not in groups:
                groups[block.words[1]] = _group(block, known)
    return found, _with_members(groups, found)


def _group(block: Block, known: Known) -> SyncGroup:
    settings = Settings(block)
    first = next(block.all("group"), Block([], 0))
    return SyncGroup(
        where=block.where,
        name=block.words[1],
        members=tuple(word for child in first.children for word in child.words),
        weights=any(c.words[0] in ("sync_group_tracking_weight", "global_tracking") for c in block.children),
        tracked=tracking(settings, known),
        remarks=tuple(settings.remarks),
    )


def _with_members(groups: dict[str, SyncGroup], found: dict[str, Instance]) -> list[SyncGroup]:
    """Return the groups with the members that there are, each in the first group that names it."""
    taken: set[str] = set()
    complete = []
    for group in groups.values():
        members = {name: found[name] for name in group.members if name in found and name not in taken}
        told = [
            Remark(group.at("group"), f"{name} is no vrrp_instance, or in a group already: keepalived ignores it")
            for name in dict.fromkeys(group.members)
            if name not in members
        ]
        taken |= members.keys()
        tracked = group.tracked
        if any(member.priority == OWNER for member in members.values()):
            tracked = Tracking(*(tuple(replace(t, weight=0) for t in kind) for kind in tracked.kinds))
        if members:
            complete.append(replace(group, members=tuple(members), tracked=tracked, remarks=(*group.remarks, *told)))
    return complete


def _complete(one: Instance, group: SyncGroup | None, owners: bool) -> Instance:
    """Return an instance as its sync group leaves it, `owners` whether all of that are; or being the owner itself."""
    owner = one.priority == OWNER
    tracked, remarks = one.tracked, one.remarks
    if owner or (group and not group.weights):
        because = "an owner's priority does not change" if owner else "its sync group has no sync_group_tracking_weight"
        told = [t for t in (*tracked.scripts, *tracked.files) if t.weight]
        remarks = (*remarks, *(Remark(t.at(""), f"the weight of {t.name} does not count: {because}") for t in told))
        tracked = unweighted(tracked)
    if group is None:
        return replace(one, tracked=tracked, remarks=remarks)
    # Where not all members are owners, none of them starts as MASTER.
    state = one.state if owners else "BACKUP"
    return replace(one, state=state, tracked=joined(tracked, group.tracked), sync_group=group.name, remarks=remarks)
