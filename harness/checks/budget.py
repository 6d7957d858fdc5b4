"""One measured time against what it may take."""

from __future__ import annotations

from math import inf, isinf

from harness.analysis.faults import FaultSpan
from harness.analysis.measure import Measures
from harness.clock import Measured, greatest, least
from harness.figures import told
from harness.verdict import FaultMeasures, Finding, Intervals, Outcome


class NoSuchFaultError(Exception):
    """A check asks about a fault that was never injected."""


def span_of(measures: Measures, index: int) -> FaultSpan:
    """Return when a fault was injected and healed; raise NoSuchFaultError where the trial broke off before it."""
    for span in measures.spans:
        if span.index == index:
            return span
    raise NoSuchFaultError(f"fault {index + 1} was never injected")


def fault(measures: Measures, index: int) -> FaultMeasures:
    """Return the measures of a fault; raise NoSuchFaultError where the trial broke off before it."""
    return measures.faults[measures.spans.index(span_of(measures, index))]


def allowed(given_s: float | None, predicted: Intervals, measure: str, slack_s: float) -> float | None:
    """Return a budget: the one given, else the prediction's worst case and what this trial's figures may be late by.

    Infinite where by the profile's own settings it never comes about, None where nothing is predicted, or any time.
    """
    if given_s is not None:
        return given_s
    interval = predicted.get(measure)
    if isinstance(interval, str):
        return inf
    return None if interval is None or isinf(interval.max) else interval.max + slack_s


def within(check: str, what: str, measured: Measured, budget_s: float | None) -> Finding:
    """Judge by the greatest length that `measured` allows; `what` starts the sentence."""
    longest = greatest(measured)
    if longest is None:
        return Finding(check, Outcome.INCONCLUSIVE, f"{what}: not measured", None, _shown(budget_s))
    if budget_s is None:
        text = f"{what} after {told(measured)} s; no budget was given, and none is predicted"
        return Finding(check, Outcome.INCONCLUSIVE, text, measured)
    outcome = Outcome.PASSED if longest <= budget_s and longest < inf else Outcome.FAILED
    if budget_s == inf:
        relation = "though" if outcome is Outcome.PASSED else "as"
        text = f"{what} after {told(measured)} s, {relation} by this profile's settings it never does"
        return Finding(check, outcome, text, measured)
    relation = (
        "within"
        if outcome is Outcome.PASSED
        else "over"
        if (least(measured) or 0.0) > budget_s
        else "not surely within"
    )
    text = f"{what} after {told(measured)} s, {relation} its budget of {budget_s:.2f} s"
    return Finding(check, outcome, text, measured, _shown(budget_s))


def _shown(budget_s: float | None) -> float | None:
    return None if budget_s is None or budget_s == inf else round(budget_s, 6)
