"""The one door to the desk: a stored trial's spec and history in, its verdict out. No engine, no network, no clock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from harness import store, verdict
from harness.analysis.measure import measure
from harness.analysis.predicted import annotate
from harness.catalogue import again
from harness.checks.judge import judge as ask
from harness.checks.steady_state import SteadyState
from harness.checks.took_effect import TookEffect
from harness.checks.within_prediction import WithinPrediction
from harness.errors import HistoryError, UsageError
from harness.events import FaultEffect, Unsteady
from harness.history import History
from harness.lint.account import account
from harness.lint.reading import of_profile
from harness.predict.timers import Timers
from harness.profile.folder import Profile
from harness.profile.record import restored
from harness.spec import Check, Scenario
from harness.steps import Inject
from harness.verdict import Finding, Outcome, Verdict


def judge(folder: Path, scenario: Scenario | None = None) -> Verdict:
    """Measure and judge a stored trial with its scenario's checks, and write verdict.json beside it."""
    spec, history = store.load_trial(folder)
    with _told_of(folder / "spec.json"):
        scenario = scenario or again(spec.scenario.name, spec.scenario.file)
        profile = restored(spec.profile)
    judged = _verdict(folder, spec, history, scenario, profile)
    verdict.write(folder / "verdict.json", judged)
    return judged


def _verdict(folder: Path, spec: store.Spec, history: History, scenario: Scenario, profile: Profile) -> Verdict:
    measures = measure(history, spec.backends, profile.front, profile.facts.masters)
    annotate(measures, history, profile)
    findings = ask(history, measures, _checks(history, scenario, Timers(profile)))
    findings = list(_explained(findings, profile))
    return Verdict(
        scenario=spec.scenario.name,
        profile=spec.profile.name,
        trial=folder.name,
        outcome=verdict.worst(findings),
        findings=findings,
        faults=measures.faults,
        evictions=measures.evictions,
        clients=measures.clients,
        guests=[msgspec.structs.replace(g, name=spec.guests.get(g.seat, g.seat)) for g in measures.guests],
        streams=measures.streams,
        blame=measures.blame,
        haproxy_log=measures.haproxy_log,
        writes=measures.writes,
        prober=measures.prober,
        versions=spec.versions,
        duration_s=round((history.end_ns - history.start_ns) / 1e9, 3),
        slack_s=measures.slack_s,
    )


@contextlib.contextmanager
def _told_of(spec: Path) -> Iterator[None]:
    """Name the file that a trial's scenario and profile are told by, where they cannot be had."""
    try:
        yield
    except UsageError as error:
        raise HistoryError(f"{spec}: {error}") from error


def _explained(findings: list[Finding], profile: Profile) -> Iterator[Finding]:
    """Yield the findings, each that failed with what the profile's own files say of it."""
    for finding in findings:
        if finding.shows is not None and finding.outcome is not Outcome.PASSED:
            finding = msgspec.structs.replace(finding, because=account(of_profile(profile), finding.shows))
        yield finding


def _checks(history: History, scenario: Scenario, timers: Timers) -> Iterator[Check]:
    """Yield what a trial is asked: its scenario's checks and what every trial is asked, or why it never began."""
    if any(history.of(Unsteady)):
        yield SteadyState()
        return
    own = list(scenario.checks(timers))
    yield from own
    if own:
        meant = sum(isinstance(step, Inject) for step in scenario.steps(timers))
        faults = meant or sum(1 for _ in history.of(FaultEffect))
        yield from [TookEffect(faults)] if faults else []
        yield WithinPrediction()
