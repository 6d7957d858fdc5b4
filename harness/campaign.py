"""Many trials: scenarios × profiles × repeats, each judged as it ends, all listed in campaign.json."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker

from harness import runner, store, verdict
from harness.analysis.measure import measure
from harness.catalogue import find
from harness.checks.judge import judge as ask
from harness.history import History
from harness.model import chain
from harness.model.simulation.samples import Samples
from harness.model.simulation.simulate import simulate
from harness.model.timers import Timers
from harness.profile.folder import Facts, File, Profile, understood
from harness.runner import BASELINE_S, Rates
from harness.spec import Scenario
from harness.steps import Hold
from harness.verdict import Verdict

Progress = Callable[[str], None]


@dataclass
class Series:
    """A campaign under way in `folder`."""

    folder: Path
    engine: docker.DockerClient
    rates: Rates = field(default_factory=Rates)
    keep: bool = False

    def trial(self, name: str, scenario: Scenario, profile: Profile, progress: Progress) -> Verdict:
        """Run one trial, judge it, list it; what was recorded stays, also where the trial breaks off."""
        folder = store.trial_folder(self.folder, name)
        try:
            runner.run(self.engine, name, scenario, profile, folder, progress, self.rates, self.keep)
        finally:
            judged = judge(folder, scenario) if (folder / "spec.json").exists() else None
            if judged:
                enlist(self.folder, folder, judged)
        assert judged is not None  # a run that wrote no spec has raised
        return judged


def judge(folder: Path, scenario: Scenario | None = None) -> Verdict:
    """Measure and judge a stored trial with its scenario's checks, and write verdict.json beside it."""
    spec, history = store.load_trial(folder)
    name = spec["scenario"]["name"]
    judged = _verdict(folder, spec, history, scenario or find(name))
    verdict.write(folder / "verdict.json", judged)
    return judged


def _verdict(folder: Path, spec: dict[str, Any], history: History, scenario: Scenario) -> Verdict:
    measures = measure(history, backends=spec["backends"])
    findings = ask(history, measures, scenario.checks(Timers(profile_of(spec))))
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
    )


def simulated(
    scenario: Scenario,
    profile: Profile,
    trials: int,
    seed: int,
    deadline_s: float = 1.0,
    progress: Callable[[int], None] = lambda done: None,
) -> Samples:
    """Play a scenario in the model as a trial would, its first undisturbed seconds included."""
    steps = [Hold(BASELINE_S), *scenario.steps(Timers(profile))]
    return simulate(chain.of(profile), steps, trials, seed, deadline_s, progress=progress)


def profile_of(spec: dict[str, Any]) -> Profile:
    """Return the profile that a stored trial ran with, from its own record."""
    stored = spec["profile"]
    files: dict[str, list[File]] = {}
    for key, text in stored["files"].items():
        node, _, path = key.partition("/")
        files.setdefault(node, []).append(File(f"/{path}", text, stored["modes"][key]))
    facts = Facts.model_validate(stored["facts"])
    return understood(Profile(stored["name"], Path(stored["name"]), facts, files))


def enlist(campaign: Path, folder: Path, judged: Verdict) -> None:
    """Put a trial into its campaign's list, in place of an earlier verdict of the same trial."""
    path = folder.relative_to(campaign).as_posix()
    listed = store.load_campaign(campaign)
    listed.trials = [entry for entry in listed.trials if entry.path != path]
    listed.trials.append(store.Entry(judged.scenario, judged.profile, judged.trial, judged.outcome.value, path))
    store.save_campaign(campaign, listed)
