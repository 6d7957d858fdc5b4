"""Is nothing written while nothing can be, and is every writer told so?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.checks.budget import span_of
from harness.events import Write
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class NoWriteAcknowledged:
    """Of the writes due from a fault until healing begins none is acknowledged, and each is answered with an error."""

    fault: int

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        name, span = type(self).__name__, span_of(measures, self.fault)
        until_ns = span.healed.start_ns if span.healed else history.end_ns
        tried = [e for e in history.of(Write) if e.data.due_ns > span.injected.end_ns and e.t_ns < until_ns]
        acknowledged = [e for e in tried if e.data.acknowledged]
        untold = [e for e in tried if not e.data.acknowledged and (e.data.status or 0) < 400]
        if not tried:
            yield Finding(name, Outcome.INCONCLUSIVE, "no write was tried meanwhile")
        elif acknowledged:
            text = f"{len(acknowledged)} of {len(tried)} writes were acknowledged"
            yield Finding(name, Outcome.FAILED, text, certain=True)
        elif untold:
            yield Finding(name, Outcome.FAILED, f"{len(untold)} of {len(tried)} writes were answered by nobody")
        else:
            told = ", ".join(str(status) for status in sorted({e.data.status or 0 for e in tried}))
            yield Finding(name, Outcome.PASSED, f"all {len(tried)} writes were refused, with {told}")
