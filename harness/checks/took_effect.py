"""Did what was broken break at once?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.faults import FaultSpan
from harness.analysis.measure import Measures
from harness.history import History
from harness.verdict import Finding, Outcome

PROCESS_S, NODE_S = 0.005, 0.020


@dataclass(frozen=True)
class TookEffect:
    """Every fault took effect within 5 ms, or 20 ms where it is a whole node's; where not, why.

    Every trial is asked this. A wider one spoils nothing: the bounds of its figures hold all of it.
    """

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        name = type(self).__name__
        wide = [s for s in measures.spans if s.injected.width_s > (NODE_S if s.silences else PROCESS_S)]
        for span in wide:
            yield Finding(name, Outcome.PASSED, f"{_told(span)}; its figures' bounds hold that", span.injected.width_s)
        if not wide:
            many = f"{len(measures.spans)} fault{'s' * (len(measures.spans) != 1)}"
            yield Finding(name, Outcome.PASSED, f"{many}, none wider than 5 ms (a node's: 20 ms)")


def _told(span: FaultSpan) -> str:
    what = f"{span.name} on {span.node} took {span.injected.width_s * 1e3:.1f} ms"
    stalled_ms = span.detail.get("stalled_ms")
    if stalled_ms is None:
        return what
    return f"{what}, during {stalled_ms:.1f} ms of which somebody waited for a processor"
