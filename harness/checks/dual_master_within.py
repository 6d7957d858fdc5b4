"""For how long may the VIP be on two nodes at once?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.checks.budget import allowed, fault, within
from harness.history import History
from harness.verdict import Finding


@dataclass(frozen=True)
class DualMasterWithin:
    """From a fault to the next, or the end, two nodes have the VIP at once for at most `within_s`, or as predicted."""

    fault: int
    within_s: float | None = None

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        measured = fault(measures, self.fault)
        budget_s = allowed(self.within_s, measured.predicted, "dual_master_s", measures.slack_s)
        yield within(type(self).__name__, "one node alone had the VIP again", measured.dual_master_s, budget_s)
