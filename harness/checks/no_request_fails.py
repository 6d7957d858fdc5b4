"""Does anybody notice at all?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.blackout import ok
from harness.analysis.measure import Measures
from harness.checks.budget import span_of
from harness.events import Due
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class NoRequestFails:
    """Of the requests that were under way at a fault, or due from it to the next or the end, none fails."""

    fault: int

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        name = type(self).__name__
        span = span_of(measures, self.fault)
        asked = [e for e in history.of(Due) if span.injected.start_ns <= e.t_ns and e.data.due_ns <= span.until_ns]
        failed = Counter(e.data.error for e in asked if not ok(e))
        if not asked:
            yield Finding(name, Outcome.INCONCLUSIVE, "no request was sent")
        elif failed:
            how = ", ".join(f"{error} {number}" for error, number in failed.most_common())
            yield Finding(name, Outcome.FAILED, f"{failed.total()} of {len(asked)} requests failed: {how}")
        else:
            yield Finding(name, Outcome.PASSED, f"none of {len(asked)} requests failed")
