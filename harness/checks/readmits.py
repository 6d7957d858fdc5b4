"""Does every haproxy that evicted a backend take it back in time?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.checks.budget import allowed, fault, within
from harness.history import History
from harness.verdict import Finding


@dataclass(frozen=True)
class Readmits:
    """Each haproxy that had evicted the failed node's backend has it UP within `within_s` of healing.

    Without `within_s` the budget is what is predicted.
    """

    fault: int
    within_s: float | None = None

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        fault(measures, self.fault)
        for row in measures.evictions:
            if row.fault == self.fault:
                what = f"{row.haproxy}'s haproxy readmitted {row.backend}"
                budget_s = allowed(self.within_s, row.predicted, "readmission_s", measures.slack_s)
                yield within(type(self).__name__, what, row.readmission_s, budget_s)
