"""What a keepalived watches: scripts that it runs, and what it hears of from the kernel (vrrp_track.c of 2.2.7).

Of a process' start and exit it hears at once, by the process connector, of an interface by netlink, of a tracked file
by inotify; what of these holds when keepalived starts counts from the first moment on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from math import inf

from harness.chain.look import Lookup, Question, Verdict
from harness.chain.sight import Sight
from harness.profile.keepalived import Instance, Process, Script, Tracked, TrackFile, Tracking
from harness.profile.where import Placed, Where

COMMAND_BYTES = 15  # of a process' name the kernel keeps so many
# An exit → keepalived has heard of it: the kernel told a listener of 60 kills after 0.2–4.5 ms, on two busy cores, and
# keepalived has to get its turn.
HEARD_S = 0.01


class Keyword(Enum):
    """What is watched, by the word that has it tracked."""

    SCRIPT = "track_script"
    PROCESS = "track_process"
    FILE = "track_file"
    INTERFACE = "track_interface"


@dataclass(frozen=True)
class Watch(Placed):
    """Something watched, with the weight that counts where it is tracked; times in seconds.

    A script is run every `interval_s`, and counts after `fall` or `rise` equal results in a row. Of all else keepalived
    `hears`; it counts once it has been lost for `lost_s`, or is back for `found_s`. `seen` is what it comes to, None
    where that is a `script`. `said` are its settings.
    """

    name: str
    keyword: Keyword
    weight: int
    reverse: bool
    script: Script | None = None
    seen: Sight | None = None
    interval_s: float = 0.0
    fall: int = 1
    rise: int = 1
    timeout_s: float = inf
    lost_s: float = 0.0
    found_s: float = 0.0
    said: tuple[tuple[str, object], ...] = ()

    @property
    def hears(self) -> bool:
        return self.keyword is not Keyword.SCRIPT


def watches(instance: Instance, scripts: Mapping[str, Script]) -> tuple[Watch, ...]:
    """Return what an instance watches, `scripts` being those that keepalived runs."""
    tracked = instance.tracked
    return (
        *(_of_script(one, scripts[one.name]) for one in tracked.scripts if one.name in scripts),
        *(_of_process(one, one.definition) for one in tracked.processes if isinstance(one.definition, Process)),
        *(_of_file(one, one.definition) for one in tracked.files if isinstance(one.definition, TrackFile)),
        *(_of_interface(one) for one in tracked.interfaces),
    )


def weights(instance: Instance) -> Iterator[tuple[str, int, bool]]:
    """Yield name, weight and reverse of all that changes an instance's priority, but for what nobody can tell."""
    tracked = instance.tracked
    for keyword, group in (
        (Keyword.SCRIPT, tracked.scripts),
        (Keyword.PROCESS, tracked.processes),
        (Keyword.INTERFACE, tracked.interfaces),
    ):
        yield from ((_named(keyword, one.name), one.weight, one.reverse) for one in group if one.weight)


def weighted(tracking: Tracking, watch: Watch, weight: int) -> Tracking:
    """Return what is tracked with another weight for a script or a process."""

    def changed(keyword: Keyword, group: tuple[Tracked, ...]) -> tuple[Tracked, ...]:
        return tuple(replace(t, weight=weight) if _named(keyword, t.name) == watch.name else t for t in group)

    scripts, processes = changed(Keyword.SCRIPT, tracking.scripts), changed(Keyword.PROCESS, tracking.processes)
    return replace(tracking, scripts=scripts, processes=processes)


def _named(keyword: Keyword, name: str) -> str:
    """Return a name that nothing of another kind has."""
    return name if keyword is Keyword.SCRIPT else f"{keyword.value} {name}"


def _of_script(tracked: Tracked, script: Script) -> Watch:
    """Return a script as it is watched."""
    return Watch(
        where=script.where,
        name=script.name,
        keyword=Keyword.SCRIPT,
        weight=tracked.weight,
        reverse=tracked.reverse,
        script=replace(script, weight=tracked.weight, reverse=tracked.reverse),
        interval_s=script.interval_s,
        fall=script.fall,
        rise=script.rise,
        timeout_s=script.timeout_s,
        said=(
            ("interval", script.interval_s),
            ("fall", script.fall),
            ("rise", script.rise),
            ("weight", tracked.weight),
            ("timeout", script.timeout_s),
            ("script", script.command),
        ),
    )


def _of_process(tracked: Tracked, process: Process) -> Watch:
    delay = (("terminate_delay", process.terminate_delay_s),) if process.terminate_delay_s else ()
    return Watch(
        where={**process.where, **_overridden(tracked, process.weight)},
        name=_named(Keyword.PROCESS, process.name),
        keyword=Keyword.PROCESS,
        weight=tracked.weight,
        reverse=tracked.reverse,
        seen=counted(process),
        lost_s=process.terminate_delay_s,
        # A first process is found as it is executed; those that it forks wait.
        found_s=process.fork_delay_s if process.least > 1 else 0.0,
        said=(("process", process.command), ("weight", tracked.weight), *delay),
    )


def _overridden(tracked: Tracked, weight: int) -> Mapping[str, Where]:
    """Return where a weight stands that is not the definition's own."""
    return {} if tracked.weight == weight else {"weight": tracked.at("")}


def counted(process: Process) -> Sight:
    """Return whether as many processes run as are wanted; how many there are of one name no file tells."""
    named = process.command.split()[0]
    if matched_by_nothing(process):
        return Verdict(None, f"no process has the bare name {named}, which is what keepalived compares")
    look = Lookup(process.named)
    if process.most == 0:
        return Question(look, Verdict(False), Verdict(True))
    stands = Verdict(True)
    if process.whole_command:
        stands = Verdict(None, f"whether its command line is `{process.command}` is not known")
    elif process.least > 1 or process.most is not None:
        stands = Verdict(None, f"how many processes named {named} there are is not known")
    return Question(look, stands, Verdict(False))


def matched_by_nothing(process: Process) -> bool:
    """Say whether it names what no process can be called: a path, or more than the kernel keeps of a name."""
    named = process.command.split()[0]
    return not process.whole_command and ("/" in named or len(named.encode()) > COMMAND_BYTES)


def _of_file(tracked: Tracked, file: TrackFile) -> Watch:
    """Return a file as it is watched: what is in it, and who changes that, no configuration tells.

    Where its number, times the weight, comes to −254 the instance is in FAULT; so it may be whatever the weight is.
    """
    return Watch(
        where={**file.where, **_overridden(tracked, file.weight)},
        name=_named(Keyword.FILE, file.name),
        keyword=Keyword.FILE,
        weight=0,
        reverse=False,
        seen=Verdict(None, f"what is written into {file.file}, and when, is not known"),
        said=(("file", file.file), ("weight", tracked.weight)),
    )


def _of_interface(tracked: Tracked) -> Watch:
    return Watch(
        where=tracked.where,
        name=_named(Keyword.INTERFACE, tracked.name),
        keyword=Keyword.INTERFACE,
        weight=tracked.weight,
        reverse=tracked.reverse,
        seen=Verdict(True, "nothing here takes an interface down"),
        said=(("", tracked.name), ("weight", tracked.weight)),
    )
