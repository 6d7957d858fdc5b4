"""Does every haproxy that evicted a backend take it back in time?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.checks.budget import fault, within
from harness.history import History
from harness.verdict import Finding


@dataclass(frozen=True)
class Readmits:
    """Each haproxy that had evicted the failed node's backend has it UP within `within_s` of healing."""

    fault: int
    within_s: float

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        fault(measures, self.fault)
        for row in measures.evictions:
            if row.fault == self.fault:
                what = f"{row.haproxy}'s haproxy readmitted {row.backend}"
                yield within(type(self).__name__, what, row.readmission_s, self.within_s)
