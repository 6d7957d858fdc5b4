"""Many trials: scenarios × profiles × repeats, each judged as it ends, all listed in campaign.json."""

from __future__ import annotations

import random
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import docker

from harness import runner, store, verdict
from harness.analysis.foreseen import predict
from harness.analysis.measure import measure
from harness.catalogue import find
from harness.checks.judge import judge as ask
from harness.checks.took_effect import TookEffect
from harness.checks.within_prediction import WithinPrediction
from harness.errors import HarnessError
from harness.history import History
from harness.model import chain
from harness.model.simulation.assumed import QUIET_LAB, Assumed
from harness.model.simulation.samples import Samples
from harness.model.simulation.simulate import simulate
from harness.model.timers import Timers
from harness.profile.folder import Profile
from harness.profile.record import restored
from harness.runner import BASELINE_S, Rates
from harness.spec import Scenario
from harness.steps import Hold
from harness.store import Campaign
from harness.verdict import Verdict

Progress = Callable[[str], None]
_LISTING = threading.Lock()  # several labs may end at once


@dataclass(frozen=True)
class Turn:
    """One trial to be run; `phase` is where in the profile's slowest period its scenario begins."""

    name: str
    scenario: Scenario
    profile: Profile
    phase: float | None = None


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
            runner.run(
                self.engine,
                turn.name,
                turn.scenario,
                turn.profile,
                folder,
                progress,
                self.rates,
                self.keep,
                self.halt,
                turn.phase,
            )
            whole = True
        finally:
            judged = judge(folder, turn.scenario) if (folder / "spec.json").exists() else None
            if judged:
                enlist(self.folder, folder, judged, whole)
            else:
                shutil.rmtree(folder)  # nothing was recorded
        assert judged is not None  # a run that wrote no spec has raised
        return judged

    def play(self, order: Sequence[Turn], labs: int, progress: Progress) -> Iterator[Verdict | HarnessError]:
        """Run the turns, `labs` of them at a time, and yield what each came to; an interrupt ends them all."""
        if labs == 1:
            yield from (self._outcome(turn, progress) for turn in order)
            return
        with ThreadPoolExecutor(labs) as pool:
            under_way = [pool.submit(self._outcome, turn, _prefixed(progress, turn)) for turn in order]
            try:
                yield from (done.result() for done in as_completed(under_way))
            finally:
                self.halt.set()
                pool.shutdown(cancel_futures=True)

    def _outcome(self, turn: Turn, progress: Progress) -> Verdict | HarnessError:
        """Run one trial; a lab that could not be built is an error, and no reason not to go on."""
        try:
            return self.trial(turn, progress)
        except HarnessError as error:
            return error


def _prefixed(progress: Progress, turn: Turn) -> Progress:
    return lambda text: progress(f"{turn.name} on {turn.profile.name}: {text}")


def judge(folder: Path, scenario: Scenario | None = None) -> Verdict:
    """Measure and judge a stored trial with its scenario's checks, and write verdict.json beside it."""
    spec, history = store.load_trial(folder)
    name = spec["scenario"]["name"]
    judged = _verdict(folder, spec, history, scenario or find(name))
    verdict.write(folder / "verdict.json", judged)
    return judged


def _verdict(folder: Path, spec: dict[str, Any], history: History, scenario: Scenario) -> Verdict:
    profile = restored(spec["profile"])
    measures = measure(history, spec["backends"], profile.front)
    predict(measures, history, profile)
    checks = scenario.checks(Timers(profile))
    findings = ask(history, measures, [*checks, TookEffect(), WithinPrediction()] if checks else [])
    return Verdict(
        scenario=spec["scenario"]["name"],
        profile=spec["profile"]["name"],
        trial=folder.name,
        outcome=verdict.worst(findings),
        findings=findings,
        faults=measures.faults,
        evictions=measures.evictions,
        streams=measures.streams,
        blame=measures.blame,
        haproxy_log=measures.haproxy_log,
        writes=measures.writes,
        prober=measures.prober,
        versions=spec["versions"],
        duration_s=round((history.end_ns - history.start_ns) / 1e9, 3),
        slack_s=measures.slack_s,
    )


def simulated(
    scenario: Scenario,
    profile: Profile,
    trials: int,
    seed: int,
    deadline_s: float = 1.0,
    progress: Callable[[int], None] = lambda done: None,
    assumed: Assumed = QUIET_LAB,
) -> Samples:
    """Play a scenario in the model as a trial would, its first undisturbed seconds included."""
    steps = [Hold(BASELINE_S), *scenario.steps(Timers(profile))]
    return simulate(chain.of(profile), steps, trials, seed, deadline_s, assumed, progress=progress)


def enlist(campaign: Path, folder: Path, judged: Verdict, whole: bool = True) -> None:
    """Put a trial into its campaign's list, in place of an earlier verdict of the same trial."""
    path = folder.relative_to(campaign).as_posix()
    with _LISTING:
        listed = store.load_campaign(campaign)
        listed.trials = [entry for entry in listed.trials if entry.path != path]
        listed.trials.append(
            store.Entry(judged.scenario, judged.profile, judged.trial, judged.outcome.value, path, whole)
        )
        store.save_campaign(campaign, listed)
