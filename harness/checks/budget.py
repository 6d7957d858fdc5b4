"""One measured time against what it may take."""

from __future__ import annotations

from harness.analysis.measure import Measures
from harness.clock import greatest, measured_from
from harness.verdict import FaultMeasures, Finding, Outcome, Seconds, told


class NoSuchFaultError(Exception):
    """A check asks about a fault that was never injected."""


def fault(measures: Measures, index: int) -> FaultMeasures:
    """Return the measures of a fault; raise NoSuchFaultError where the trial broke off before it."""
    for span, measured in zip(measures.spans, measures.faults, strict=True):
        if span.index == index:
            return measured
    raise NoSuchFaultError(f"fault {index + 1} was never injected")


def within(check: str, what: str, measured: Seconds, budget_s: float) -> Finding:
    """Judge by the greatest length that `measured` allows; `what` starts the sentence."""
    longest = greatest(measured_from(measured))
    if longest is None:
        return Finding(check, Outcome.INCONCLUSIVE, f"{what}: not measured", None, budget_s)
    outcome = Outcome.PASSED if longest <= budget_s else Outcome.FAILED
    relation = "within" if outcome is Outcome.PASSED else "over"
    text = f"{what} after {told(measured)} s, {relation} its budget of {budget_s:.2f} s"
    return Finding(check, outcome, text, measured, round(budget_s, 6))
