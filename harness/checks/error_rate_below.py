"""How many requests may fail while something is broken?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.blackout import ok
from harness.analysis.measure import Measures
from harness.checks.budget import span_of
from harness.events import Due
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class ErrorRateBelow:
    """Of the requests due from a fault until it is healed, or the next or the end, less than `share` fail."""

    fault: int
    share: float

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        name = type(self).__name__
        span = span_of(measures, self.fault)
        due = [e for e in history.of(Due) if span.injected.end_ns < e.data.due_ns < span.broken_until_ns]
        if not due:
            yield Finding(name, Outcome.INCONCLUSIVE, "no request was due meanwhile")
            return
        failed = sum(not ok(e) for e in due)
        rate = failed / len(due)
        outcome = Outcome.PASSED if rate < self.share else Outcome.FAILED
        yield Finding(name, outcome, f"{failed} of {len(due)} requests failed: {rate:.2%}, of {self.share:.2%} allowed")
