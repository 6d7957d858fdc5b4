"""Is service whole again after healing?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.blackout import ok
from harness.analysis.measure import Measures
from harness.analysis.state import broken
from harness.checks.budget import allowed, fault, within
from harness.clock import NS, AtLeast
from harness.history import History
from harness.verdict import Finding, Outcome, plain


@dataclass(frozen=True)
class RecoversWithin:
    """The last failed request comes within `within_s` of healing, or as predicted; at the end every part runs."""

    fault: int
    within_s: float | None = None

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        budget_s = allowed(self.within_s, fault(measures, self.fault).predicted, "recovery_s")
        name = type(self).__name__
        span = next(s for s in measures.spans if s.index == self.fault)
        if span.healed is None:
            yield Finding(name, Outcome.FAILED, f"{span.name} on {span.node} was never healed")
            return
        asked = [e for e in history.of("probe") if e.data["due_ns"] >= span.healed.start_ns]
        failed = [e.data["due_ns"] for e in asked if not ok(e)]
        if not asked:
            yield Finding(name, Outcome.INCONCLUSIVE, "no request was sent after healing")
            return
        took = max(0, max(failed, default=0) - span.healed.start_ns) / NS
        still = bool(failed) and max(failed) >= asked[-1].data["due_ns"] - NS
        yield within(name, "the last request failed", plain(AtLeast(took) if still else took), budget_s)
        for problem in broken(history):
            yield Finding(name, Outcome.FAILED, f"not whole at the end: {problem}")
