"""One measured time against what it may take."""

from __future__ import annotations

from harness.analysis.measure import Measures
from harness.clock import AtLeast, Bounds, greatest, measured_from
from harness.verdict import FaultMeasures, Finding, Outcome, Seconds


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
    text = f"{what} after {told(measured)}, {relation} its budget of {budget_s:.2f} s"
    return Finding(check, outcome, text, measured, round(budget_s, 6))


def told(measured: Seconds) -> str:
    """Return a measure as a reader says it."""
    match measured_from(measured):
        case None:
            return "-"
        case AtLeast(at_least=least):
            return f"≥ {least:.2f} s"
        case Bounds(min=least, max=most):
            return f"{most:.3f} s" if most - least < 0.0015 else f"{least:.2f}–{most:.2f} s"
        case float(point):
            return f"{point:.3f} s"
