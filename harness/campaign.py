"""Many trials: scenarios × profiles × repeats, each judged as it ends, all listed in campaign.json."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path

import docker

from harness import runner, store
from harness.contracts import Progress
from harness.errors import DiskError, HarnessError
from harness.judge import judge
from harness.lab.clients import Rates
from harness.profile.folder import Profile
from harness.runner import Turn
from harness.spec import Scenario
from harness.store import Campaign
from harness.verdict import Verdict

_LISTING = threading.Lock()  # several labs may end at once


def turns(scenarios: dict[str, Scenario], profiles: Sequence[Profile], repeats: int) -> list[Turn]:
    """Return every scenario on every profile, `repeats` times, with phases spread evenly over the repeats."""
    order = [Turn(n, s, p) for p in profiles for n, s in scenarios.items()]
    if repeats == 1:
        return order
    shares = {turn: random.sample(range(repeats), repeats) for turn in range(len(order))}
    return [
        replace(turn, phase=(shares[at][number] + random.random()) / repeats)
        for number in range(repeats)
        for at, turn in enumerate(order)
    ]


def missing(wanted: Sequence[Turn], listed: Campaign) -> list[Turn]:
    """Return the turns of which a campaign that was interrupted has no whole trial yet."""
    done = Counter((entry.scenario, entry.profile) for entry in listed.trials if entry.whole)
    left = []
    for turn in wanted:
        key = (turn.name, turn.profile.name)
        done[key] -= 1
        if done[key] < 0:
            left.append(turn)
    return left


@dataclass
class Series:
    """A campaign under way in `folder`."""

    folder: Path
    engine: docker.DockerClient
    rates: Rates = field(default_factory=Rates)
    keep: bool = False
    halt: threading.Event = field(default_factory=threading.Event)

    def trial(self, turn: Turn, progress: Progress) -> Verdict:
        """Run one trial, judge it, list it; what was recorded stays, also where the trial breaks off."""
        folder = store.trial_folder(self.folder, turn.name, turn.profile.name)
        whole = False
        try:
            runner.run(turn, folder, self.engine, progress, self.rates, self.keep, self.halt)
            whole = True
        finally:
            judged = judge(folder, turn.scenario) if (folder / "spec.json").exists() else None
            if judged:
                enlist(self.folder, folder, judged, whole)
            else:
                with contextlib.suppress(OSError):
                    folder.rmdir()  # where nothing was recorded
        assert judged is not None  # a run that wrote no spec has raised
        return judged

    def play(
        self, order: Sequence[Turn], labs: int, progress: Progress
    ) -> Iterator[tuple[str, Verdict | HarnessError]]:
        """Run the turns, `labs` of them at a time, and yield each one's name and end.

        An interrupt ends them all, and so does an engine that went away, or a disk that takes nothing more.
        """
        labels = labelled(order)
        if labs == 1:
            yield from self._until_hopeless(
                (_named(label, turn), self._outcome(turn, _labelling(progress, label)))
                for label, turn in zip(labels, order, strict=True)
            )
            return
        with ThreadPoolExecutor(labs) as pool:
            under_way = {
                pool.submit(self._outcome, turn, _labelling(progress, label)): _named(label, turn)
                for label, turn in zip(labels, order, strict=True)
            }
            try:
                ended = as_completed(list(under_way))
                yield from self._until_hopeless((under_way.pop(done), done.result()) for done in ended)
            finally:
                self.halt.set()
                pool.shutdown(cancel_futures=True)
            for done, name in under_way.items():  # that others ended with the one that was the last straw
                if not done.cancelled() and done.exception() is None:
                    yield name, done.result()

    def _until_hopeless(
        self, ended: Iterator[tuple[str, Verdict | HarnessError]]
    ) -> Iterator[tuple[str, Verdict | HarnessError]]:
        for name, outcome in ended:
            yield name, outcome
            if isinstance(outcome, DiskError) or (isinstance(outcome, HarnessError) and not self._answers()):
                return

    def _answers(self) -> bool:
        try:
            return bool(self.engine.ping())
        except HarnessError:
            return False

    def _outcome(self, turn: Turn, progress: Progress) -> Verdict | HarnessError:
        """Run one trial; a lab that could not be built is an error, and no reason not to go on."""
        progress(_named("", turn))
        try:
            return self.trial(turn, progress)
        except HarnessError as error:
            return error


def labelled(order: Sequence[Turn]) -> list[str]:
    """Return the trials' numbers, all of one width; nothing for one alone."""
    digits = len(str(len(order)))
    return [f"{at:>{digits}}" for at in range(1, len(order) + 1)] if len(order) > 1 else [""] * len(order)


def _named(label: str, turn: Turn) -> str:
    return f"{label.strip()}{', ' if label else ''}{turn.name} on {turn.profile.name}"


def _labelling(progress: Progress, label: str) -> Progress:
    """Return a progress for which a trial's number stands before all that it tells."""
    return (lambda text: progress(type(text)(f"{label}\t{text}"))) if label else progress  # what passes goes on passing


def enlist(campaign: Path, folder: Path, judged: Verdict, whole: bool = True) -> None:
    """Put a trial into its campaign's list, in place of an earlier verdict of the same trial."""
    path = folder.relative_to(campaign).as_posix()
    with _LISTING:
        listed = store.load_campaign(campaign)
        listed.trials = [entry for entry in listed.trials if entry.path != path]
        listed.trials.append(store.Entry(judged.scenario, judged.profile, judged.trial, judged.outcome, path, whole))
        store.save_campaign(campaign, listed)
