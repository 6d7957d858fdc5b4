"""Is service whole again after healing?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.analysis.blackout import ok
from harness.analysis.faults import FaultSpan
from harness.analysis.measure import Measures
from harness.analysis.state import broken
from harness.checks.budget import allowed, fault, span_of, within
from harness.clock import NS, at_least
from harness.events import Due
from harness.figures import rounded
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class RecoversWithin:
    """The last failed request comes within `within_s` of healing, or as predicted; at the end every part runs.

    Where they go on failing in the trial's last second, it lasts for longer than that.
    Faults that are healed together count as healed with the last of them: nodes are switched on one after the other.
    """

    fault: int
    within_s: float | None = None

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        name, measured = type(self).__name__, fault(measures, self.fault)
        span = span_of(measures, self.fault)
        if span.healed is None:
            yield Finding(name, Outcome.FAILED, f"{span.name} on {span.node} was never healed")
            return
        budget_s = allowed(self.within_s, measured.predicted, "recovery_s", measures.slack_s)
        healed_ns = _healed_ns(measures.spans, span.healed.start_ns)
        asked = [e for e in history.of(Due) if e.data.due_ns >= healed_ns]
        failed = [e.data.due_ns for e in asked if not ok(e)]
        if not asked:
            yield Finding(name, Outcome.INCONCLUSIVE, "no request was sent after healing")
            return
        took = max(0, max(failed, default=0) - healed_ns) / NS
        still = _still(failed, asked[-1].data.due_ns)
        yield within(name, "the last request failed", rounded(at_least(took) if still else took), budget_s)
        for problem in broken(history):
            yield Finding(name, Outcome.FAILED, f"not whole at the end: {problem}")


def _still(failed: list[int], ended_ns: int) -> bool:
    """Say whether requests fail to the very end; one that failed alone, with others answered since, tells nothing."""
    late = [due_ns for due_ns in failed if due_ns >= ended_ns - NS]
    return len(late) > 1 or ended_ns in late


def _healed_ns(spans: Iterable[FaultSpan], begun_ns: int) -> int:
    """Return when the last of the faults that were in force as healing began was healed, too."""
    together = (s.healed for s in spans if s.healed and s.injected.start_ns < begun_ns)
    return max(healed.start_ns for healed in together)
