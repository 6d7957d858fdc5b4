"""Does the VIP return to the node that it left?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.checks.budget import allowed, fault, within
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class FailsBack:
    """A healed node has its VIP again within `within_s` of healing, or as predicted."""

    fault: int
    within_s: float | None = None

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        measured = fault(measures, self.fault)
        budget_s = allowed(self.within_s, measured.predicted, "failback_s", measures.slack_s)
        if measured.failback_s is None:
            text = f"{measured.node} had not lost the VIP, so there was nothing to come back"
            yield Finding(type(self).__name__, Outcome.INCONCLUSIVE, text)
            return
        yield within(type(self).__name__, f"{measured.node} had the VIP back", measured.failback_s, budget_s)
