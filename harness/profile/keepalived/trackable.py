"""What may be tracked: vrrp_script, vrrp_track_process and track_file, as keepalived 2.2.7 takes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from harness.errors import ProfileError
from harness.profile.keepalived.block import Block
from harness.profile.keepalived.security import Security, security
from harness.profile.keepalived.settings import Settings, value_of, whole
from harness.profile.keepalived.words import split_escaped
from harness.profile.where import Placed, Remark

# keepalived's limits: what fits a timer, a count and a weight.
MOST_S, MOST = 4294, 2**31 - 1
MOST_PROCESSES = 65536
SCRIPT_WEIGHT, WEIGHT = 253, 254


@dataclass(frozen=True)
class Script(Placed):
    """A vrrp_script; times in seconds. `timeout_s` is the interval where none is set, `user` "" where none is.

    `init_fail` is what is written: keepalived 2.2.7 forgets it as soon as an instance tracks the script. `removed` says
    why keepalived removes it, so that nothing tracks it; `doubt` why no file tells whether it does.
    """

    name: str
    command: str
    interval_s: float
    fall: int
    rise: int
    weight: int
    timeout_s: float
    reverse: bool
    init_fail: bool
    user: str
    removed: str = ""
    doubt: str = ""
    remarks: tuple[Remark, ...] = ()

    @property
    def complete(self) -> bool:
        """Say whether there is something to run, and keepalived runs it."""
        return bool(self.command) and not self.removed


@dataclass(frozen=True)
class Process(Placed):
    """A vrrp_track_process; times in seconds. It stands while least ≤ running ≤ most (None: however many).

    A process counts by its bare name, or by the first word of its `whole_command`, and by the others as `match` says:
    they are all there are ("exact"), or start so, by whole words ("partial") or not ("initial"); "": whatever they are.
    """

    name: str
    command: str
    whole_command: bool
    match: str
    weight: int
    reverse: bool
    least: int
    most: int | None
    fork_delay_s: float
    terminate_delay_s: float
    remarks: tuple[Remark, ...] = ()

    @property
    def complete(self) -> bool:
        """Say whether there is something to look for."""
        return bool(self.command)

    @property
    def named(self) -> str:
        """Return the name that such a process has, without its path."""
        return self.command.split()[0].rpartition("/")[2]


@dataclass(frozen=True)
class TrackFile(Placed):
    """A track_file: the number in it times `weight` is added to the priority; with weight 0, not 0 is a fault."""

    name: str
    file: str
    weight: int
    reverse: bool
    remarks: tuple[Remark, ...] = ()

    @property
    def complete(self) -> bool:
        """Say whether there is something to read."""
        return bool(self.file)


Trackable = Script | Process | TrackFile
_Kind = TypeVar("_Kind", Script, Process, TrackFile)


def scripts(root: Block) -> dict[str, Script]:
    """Return the vrrp_scripts by name, of equal names the first; raise ProfileError with file and line."""
    secured = security(root)
    return _first(script(block, secured) for block in root.all("vrrp_script"))


def processes(root: Block) -> dict[str, Process]:
    """Return the vrrp_track_processes by name, of equal names the first; raise ProfileError with file and line."""
    return _first(process(block) for block in root.all("vrrp_track_process"))


def track_files(root: Block) -> dict[str, TrackFile]:
    """Return the track_files by name, of equal names the first; raise ProfileError with file and line."""
    return _first(track_file(b) for b in root.children if b.words[0] in ("track_file", "vrrp_track_file"))


def _first(made: Iterable[_Kind]) -> dict[str, _Kind]:
    """Return each by its name: the first that is complete, as keepalived drops the others."""
    found: dict[str, _Kind] = {}
    for one in made:
        if one.name not in found or not found[one.name].complete:
            found[one.name] = one
    return found


def script(block: Block, secured: Security) -> Script:
    """Return what a vrrp_script block says: by default interval 1, rise 1, fall 1, weight 0."""
    settings = Settings(block)
    interval_s = settings.whole("interval", 1, 0, MOST_S, floor=1)
    timeout_s = settings.whole("timeout", interval_s, 0, MOST_S, floor=1)
    for child in block.all("init_fail"):
        settings.remark(
            child, "init_fail has no effect: keepalived 2.2.7 forgets it once an instance tracks the script"
        )
    users = tuple(said for _, said in settings.given("user"))
    weight, reverse = 0, False
    for child, said in settings.given("weight"):
        # Out of range it is complained about, and taken all the same.
        weight, clean = whole(child, "weight", said)
        reverse |= "reverse" in child.words[2:3]
        if not clean or abs(weight) > SCRIPT_WEIGHT:
            settings.remark(
                child, f"weight {said} is not in ±{SCRIPT_WEIGHT}; keepalived complains, and takes {weight}"
            )
    return Script(
        where=block.where,
        name=value_of(block),
        command=_command(block),
        interval_s=float(interval_s),
        fall=settings.whole("fall", 1, 1, MOST, otherwise=1),
        rise=settings.whole("rise", 1, 1, MOST, otherwise=1),
        weight=weight,
        timeout_s=float(timeout_s),
        reverse=reverse,
        init_fail=any(block.all("init_fail")),
        user="".join(users[-1:]),
        removed=secured.removes(users),
        doubt=secured.doubt(users),
        remarks=tuple(settings.remarks),
    )


def _command(block: Block) -> str:
    """Return the last command, which is one word, maybe quoted; raise ProfileError where a quote in it is left open."""
    command = ""
    for child in block.all("script"):
        words = split_escaped(child.text)
        if words is None or split_escaped("".join(words[1:2])) is None:
            raise ProfileError(f"{child.place}: no closing quotation, or a last backslash; close the quote")
        command = "".join(words[1:2]).strip(" \t") or command
    return command


def process(block: Block) -> Process:
    """Return what a vrrp_track_process block says: by default at least one must run, weight 0."""
    settings = Settings(block)
    least, most = 1, MOST_PROCESSES
    for child, said in settings.given("quorum", also="quorum_max"):
        number, _ = whole(child, child.words[0], said)
        if child.words[0] == "quorum":
            least = number if 1 <= number <= most else least
        elif number == 0 and least <= 1:
            least = most = 0
        elif max(least, 1) <= number < MOST_PROCESSES:
            least, most = max(least, 1), number
    weight, reverse = _first_weight(settings, 0)
    words = next((c.words[1:] for c in block.all("process")), [])
    match = "exact" if len(words) > 1 else ""
    for child in block.all("param_match"):
        said = child.words[1] if len(child.words) > 1 else "exact"
        if said in ("initial", "partial") or len(child.words) == 1:
            match = said
        else:
            settings.remark(child, f"param_match {said}: neither initial nor partial; keepalived ignores it")
    return Process(
        where=block.where,
        name=value_of(block),
        command=" ".join(words),
        whole_command=bool(match) or any(block.all("full_command")),
        match=match,
        weight=weight,
        reverse=reverse,
        least=least,
        most=None if most == MOST_PROCESSES else most,
        fork_delay_s=settings.seconds("fork_delay", 0.0, 1e-6, 3600.0, also="delay"),
        terminate_delay_s=settings.seconds("terminate_delay", 0.0, 1e-6, 3600.0, also="delay"),
        remarks=tuple(settings.remarks),
    )


def track_file(block: Block) -> TrackFile:
    """Return what a track_file block says: by default weight 1."""
    settings = Settings(block)
    weight, reverse = _first_weight(settings, 1)
    return TrackFile(
        where=block.where,
        name=value_of(block),
        file=next((said for _, said in settings.given("file")), ""),
        weight=weight,
        reverse=reverse,
        remarks=tuple(settings.remarks),
    )


def _first_weight(settings: Settings, default: int) -> tuple[int, bool]:
    """Return the weight, and whether it counts in reverse; once it is not the default any more, it stays."""
    weight, reverse = default, False
    for child, said in settings.given("weight"):
        number, clean = whole(child, "weight", said)
        if weight == default and abs(number) <= WEIGHT:
            weight = number
            reverse |= "reverse" in child.words[2:3]
        if weight != number or not clean:
            settings.remark(child, f"weight {said} is not in ±{WEIGHT}, or a second one; keepalived takes {weight}")
    return weight, reverse
