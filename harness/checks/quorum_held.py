"""Does etcd go on without the member that failed?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.checks.budget import span_of
from harness.clock import NS
from harness.events import Write
from harness.history import History
from harness.predict.etcd import WORST_S
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class QuorumHeld:
    """Before healing begins, writes are acknowledged again that were sent after a fault: the living elect if they must.

    Where every write that had an election's time was refused, the quorum is gone.
    """

    fault: int

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        name = type(self).__name__
        span = span_of(measures, self.fault)
        start_ns, end_ns = span.injected.end_ns, span.broken_until_ns
        tried = [e for e in history.of(Write) if start_ns < e.data.due_ns and e.t_ns < end_ns]
        acknowledged = [e for e in tried if e.data.acknowledged]
        late = [e for e in tried if e.data.due_ns > start_ns + WORST_S * NS]
        if acknowledged:
            first_s = (min(e.data.done_ns for e in acknowledged) - start_ns) / NS
            text = f"etcd kept its quorum: {len(acknowledged)} of {len(tried)} writes were acknowledged"
            yield Finding(name, Outcome.PASSED, f"{text}, the first {first_s:.2f} s after the fault")
        elif late:
            text = f"no write was acknowledged any more: {len(tried)} were tried, {len(late)} of them when every"
            yield Finding(name, Outcome.FAILED, f"{text} election ought to have been over")
        else:
            yield Finding(name, Outcome.INCONCLUSIVE, "no write was tried that etcd had time for")
