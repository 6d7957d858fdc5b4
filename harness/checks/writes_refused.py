"""Do writes fail quickly without a quorum, or do they hang?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.analysis.faults import FaultSpan
from harness.analysis.measure import Measures
from harness.checks.budget import allowed, within
from harness.clock import NS, Bounds, unended
from harness.events import Write
from harness.figures import rounded
from harness.history import Event, History
from harness.verdict import Finding, Outcome

GAVE_UP = ("response_timeout", "connect_timeout", "tls")


@dataclass(frozen=True)
class WritesRefusedWithoutQuorum:
    """Once the VIP has moved and dead backends are evicted, every write is refused within `within_s`; none hangs."""

    within_s: float | None = None

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        name = type(self).__name__
        predicted = measures.faults[-1].predicted if measures.faults else {}
        budget_s = allowed(self.within_s, predicted, "write_refusal_s", measures.slack_s)
        begin_ns = _served_ns(measures)
        tried = [e for e in without_quorum(history, measures.spans) if e.data.due_ns > begin_ns]
        if not tried:
            yield Finding(name, Outcome.INCONCLUSIVE, "no write was tried between the last eviction and healing")
            return
        hung = [e for e in tried if e.data.error in GAVE_UP]
        slowest = max((e.data.done_ns - e.data.due_ns) / NS for e in tried)
        if hung:
            text = f"{len(hung)} of {len(tried)} writes hung until the client gave up, after {slowest:.2f} s"
            yield Finding(name, Outcome.FAILED, text, rounded(slowest))
        else:
            yield within(name, f"the slowest of {len(tried)} refused writes failed", rounded(slowest), budget_s)


def without_quorum(history: History, spans: Sequence[FaultSpan]) -> list[Event[Write]]:
    """Return the writes that were sent after the last fault and ended before healing began."""
    if not spans:
        return []
    start = max(s.injected.end_ns for s in spans)
    end = min((s.healed.start_ns for s in spans if s.healed), default=history.end_ns)
    return [e for e in history.of(Write) if e.data.due_ns > start and e.t_ns < end]


def _served_ns(measures: Measures) -> int:
    """Return when the last move of the VIP and the last eviction were over, the faults' end where there was none."""
    ends = [s.injected.end_ns for s in measures.spans]
    rows = [(row.fault, row.eviction_s) for row in measures.evictions]
    rows += [(span.index, fault.vip_migration_s) for span, fault in zip(measures.spans, measures.faults, strict=True)]
    for index, took in rows:
        span = next(s for s in measures.spans if s.index == index)
        if isinstance(took, Bounds) and not unended(took):
            ends.append(span.injected.start_ns + round(took.max * NS))
    return max(ends)
