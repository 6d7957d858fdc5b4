"""The scripts of a profile, each tried as keepalived runs it in every state of the chain: the script table."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import docker

from harness.agent.trying import Ended, Script
from harness.chain.chain import Chain
from harness.chain.look import Asked, looks
from harness.chain.notify import LIMIT_S, notified
from harness.chain.rest import home
from harness.chain.script import called, reading
from harness.chain.table import key
from harness.chain.user import runs_as
from harness.contracts import Progress
from harness.errors import LabError
from harness.lab import lab as labs
from harness.lab.lab import Lab
from harness.lab.stage import Stage
from harness.profile.folder import Profile
from harness.profile.keepalived.words import split_escaped
from harness.profile.tried import Row, State, Table, Tried, write

MOST_S = LIMIT_S  # for a run: nothing is waited for without an end
# What a program prints that lacks something which a host may have.
_LACKS = re.compile(r"(\S+: (?:command )?not found|\S+: No such file or directory|ModuleNotFoundError.*)$", re.M)


@dataclass(frozen=True)
class Subject:
    """A script to be tried on a node: one of several that are alike."""

    node: str
    name: str
    command: str
    user: tuple[str, ...]
    timeout_s: float
    notify: bool = False

    @property
    def script(self) -> Script:
        """Return what a machine is told of it."""
        return Script(split_escaped(self.command) or [""], list(self.user), min(self.timeout_s, MOST_S))

    def key(self, profile: Profile) -> str:
        return key(profile, self.node, self.command, self.user, self.timeout_s)


def subjects(profile: Profile) -> list[Subject]:
    """Return the scripts that any node tracks or calls, those that are alike once."""
    chain, found = Chain(profile), dict[str, Subject]()
    for node in [home(chain), *chain.nodes]:
        all_ = [
            Subject(node, one.name, one.command, runs_as(profile, node, one), one.timeout_s)
            for one in chain.scripts(node)
        ]
        all_ += [Subject(node, one.state, one.command, one.user, LIMIT_S, True) for one in notified(profile, node)]
        for one in all_:
            found.setdefault(one.key(profile), one)
    return list(found.values())


def untried(profile: Profile) -> list[Subject]:
    """Return those of which nothing is stored as they are now."""
    known = {row.key for row in profile.tried.rows} if profile.tried else set()
    return [one for one in subjects(profile) if one.key(profile) not in known]


def ensured(client: docker.DockerClient, profile: Profile, progress: Progress, anew: bool = False) -> Profile:
    """Return a profile with its script table, tried and stored where it was not, or `anew`.

    Where a lab cannot be brought into every state scripts are only read, and that is said.
    """
    if not (anew and subjects(profile)) and not untried(profile):
        return profile
    try:
        found = table(client, profile, progress)
    except LabError as error:
        progress(f"the scripts of {profile.name} are not tried, and only read: {error}")
        return profile
    if why := write(profile.folder, found):
        progress(why)
    return replace(profile, tried=found)


def table(client: docker.DockerClient, profile: Profile, progress: Progress) -> Table:
    """Build a lab in which keepalived does nothing, try every script there, and return what came of it."""
    found = subjects(profile)
    rows: list[Row] = []
    with labs.up(client, profile, progress, idle=True) as lab:
        for node in dict.fromkeys(one.node for one in found):
            rows += _on(lab, node, [one for one in found if one.node == node], progress)
        versions = {name: known for name, known in lab.versions.items() if name in ("keepalived", "haproxy", "nginx")}
    return Table(datetime.date.today().isoformat(), versions, tuple(rows))


def _on(lab: Lab, node: str, scripts: Sequence[Subject], progress: Progress) -> list[Row]:
    stage = Stage(lab, node)
    trials: dict[Subject, list[Tried]] = {one: [] for one in scripts}
    lacking = {one: _lacking(lab, one) for one in scripts}
    for state in stage.states():
        now = [one for one in scripts if state is State.WELL or not one.notify]
        if not now:
            break
        progress(f"trying {', '.join(one.name for one in now)} on {node}: {state}")
        for owns in (True, False):
            if stage.place(owns):
                for one, ended in zip(now, stage.run([one.script for one in now]), strict=True):
                    trials[one].append(_together(one, state, owns, ended, lacking[one]))
    return [Row(one.key(lab.plain), node, one.name, one.command, tuple(trials[one]), one.notify) for one in scripts]


def _lacking(lab: Lab, one: Subject) -> str:
    """Return what a script needs that no machine of a lab has: programs, or certificates that are the operator's."""
    texts = {file.path: file.text for file in lab.plain.files[one.node]}
    if any(isinstance(look, Asked) and look.trusts is None for look in looks(reading(one.command, texts))):
        return "it verifies a certificate, and a lab's are its own"
    names = sorted(called(one.command, texts))
    if not names:
        return ""
    asks = 'for name; do command -v "$name" >/dev/null || echo "$name"; done'
    lacking = lab.nodes[one.node].ask("bash", "-c", asks, "bash", *names).split()
    lacking = [name for name in lacking if name not in texts]
    return f"a lab's machines have no {' and no '.join(lacking)}" if lacking else ""


def _together(one: Subject, state: State, owns: bool, ended: Sequence[Ended], lacking: str) -> Tried:
    """Return what several runs come to."""
    took = [run.took_s for run in ended]
    ends = {(run.passes, "keepalived" in run.stopped and "keepalived" not in run.started) for run in ended}
    how = " and ".join(dict.fromkeys(run.how for run in ended))
    said = next((run.said for run in ended if run.said), "")
    return Tried(
        state=state,
        owns=owns,
        passes=ended[0].passes if len(ends) == 1 else None,
        took_s=(min(took), max(took)),
        how=how if len(ends) == 1 else f"passes and fails by turns ({how})",
        why=lacking or _unclear(one, ended, said),
        started=tuple(sorted({name for run in ended for name in run.started})),
        stopped=tuple(sorted({name for run in ended for name in run.stopped})),
        said=said,
    )


def _unclear(one: Subject, ended: Sequence[Ended], said: str) -> str:
    """Return why a lab cannot tell how a script ends on a host; "" where it can."""
    if refused := next((run.how for run in ended if run.passes is None), ""):
        return refused
    if missed := [word for run in ended for word in run.missed]:
        return f"a lab cannot answer `{missed[0]}`"
    if one.timeout_s > MOST_S <= max(run.took_s for run in ended):
        return f"it takes longer than {MOST_S:g} s"
    lacks = _LACKS.search(said)
    return f"a lab lacks what it needs: {lacks[1]}" if lacks else ""
