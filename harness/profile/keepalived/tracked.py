"""What an instance or a sync group tracks, and the weight that it gives it (keepalived 2.2.7, vrrp_track.c)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.profile.keepalived.block import Block
from harness.profile.keepalived.settings import Settings, whole
from harness.profile.keepalived.trackable import SCRIPT_WEIGHT, WEIGHT, Process, Script, Trackable, TrackFile
from harness.profile.where import Placed

OWNER = 255  # the priority of who owns the address for good


@dataclass(frozen=True)
class Tracked(Placed):
    """Something tracked: with weight 0 its failure is a FAULT, otherwise it changes the priority.

    An interface has no `definition`.
    """

    name: str
    weight: int
    reverse: bool
    definition: Trackable | None = None


@dataclass(frozen=True)
class Tracking:
    """All that is tracked, by kind."""

    scripts: tuple[Tracked, ...]
    processes: tuple[Tracked, ...]
    files: tuple[Tracked, ...]
    interfaces: tuple[Tracked, ...]

    @property
    def kinds(self) -> tuple[tuple[Tracked, ...], ...]:
        return (self.scripts, self.processes, self.files, self.interfaces)


@dataclass(frozen=True)
class Known:
    """What has been defined so far: keepalived ignores a track_script whose vrrp_script only follows."""

    scripts: dict[str, Script]
    processes: dict[str, Process]
    files: dict[str, TrackFile]


def tracking(settings: Settings, known: Known) -> Tracking:
    """Return what a block says it tracks; raise ProfileError where a weight is no number."""
    return Tracking(
        scripts=_tracked(settings, "track_script", known.scripts),
        processes=_tracked(settings, "track_process", known.processes),
        files=_tracked(settings, "track_file", known.files),
        interfaces=_tracked(settings, "track_interface", None),
    )


def _tracked(settings: Settings, keyword: str, known: Mapping[str, Trackable] | None) -> tuple[Tracked, ...]:
    found: dict[str, Tracked] = {}
    for entry in (child for group in settings.block.all(keyword) for child in group.children):
        name, *options = entry.words
        definition = None if known is None else known.get(name)
        if name == "include":
            continue
        if known is not None and definition is None:
            settings.remark(entry, f"{keyword} {name}: nothing of that name is defined above; keepalived ignores it")
        elif name in found:
            settings.remark(entry, f"{keyword} {name}: tracked already; keepalived ignores the second")
        elif options and (options[0] != "weight" or len(options) < 2):
            settings.remark(entry, f"{keyword} {name} {options[0]}: needs `weight` and a number; keepalived ignores it")
        else:
            own = (definition.weight, definition.reverse) if definition else (0, False)
            found[name] = Tracked({"": entry.place}, name, *_weight(settings, entry, keyword, own), definition)
    return tuple(found.values())


def _weight(settings: Settings, entry: Block, keyword: str, own: tuple[int, bool]) -> tuple[int, bool]:
    weight, reverse = own
    if len(entry.words) > 2:
        number, clean = whole(entry, f"{keyword} {entry.words[0]} weight", entry.words[2])
        # keepalived warns of trailing letters and takes the number; an interface's weight is then 0.
        if abs(number) <= WEIGHT:
            most = SCRIPT_WEIGHT if keyword in ("track_script", "track_interface") else WEIGHT
            weight = max(-most, min(most, number))
        if weight != number or not clean:
            told = f"{entry.words[0]} weight {entry.words[2]} is not in ±{SCRIPT_WEIGHT}; keepalived takes {weight}"
            settings.remark(entry, told)
    if len(entry.words) > 3:
        reverse = {"reverse": True, "noreverse": False}.get(entry.words[3], reverse)
    return weight, reverse


def unweighted(found: Tracking) -> Tracking:
    """Return what is left where weights do not count: of an owner's instance, or of one in a sync group.

    Scripts and files with a weight are not tracked at all, but a file of weight 1 is, with weight 0. keepalived 2.2.7
    says so of interfaces too, and then goes on counting their weight.
    """
    return Tracking(
        scripts=tuple(one for one in found.scripts if not one.weight),
        processes=found.processes,
        files=tuple(replace(one, weight=0) for one in found.files if one.weight in (0, 1)),
        interfaces=found.interfaces,
    )


def joined(own: Tracking, group: Tracking) -> Tracking:
    """Return what an instance tracks with its sync group's: the group's weight counts unless the own one is 0."""
    return Tracking(
        scripts=_merged(own.scripts, group.scripts),
        processes=_merged(own.processes, group.processes),
        files=_merged(own.files, group.files),
        interfaces=_merged(own.interfaces, group.interfaces),
    )


def _merged(own: tuple[Tracked, ...], group: tuple[Tracked, ...]) -> tuple[Tracked, ...]:
    of_group = {tracked.name: tracked for tracked in group}
    kept = {one.name: of_group.get(one.name, one) if one.weight else one for one in own}
    return tuple((kept | {name: one for name, one in of_group.items() if name not in kept}).values())
