"""Is the VIP ever on two nodes at once?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.analysis.owners import Tenure
from harness.checks.budget import fault, span_of
from harness.clock import greatest, least
from harness.figures import told
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class NoDualMaster:
    """From a fault to the next, or the end, at most one node has the VIP at a time.

    Where it is handed over one has it a moment before the other lets it go: that may last as long as a figure is late.
    """

    fault: int

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        name, measured = type(self).__name__, fault(measures, self.fault).dual_master_s
        span = span_of(measures, self.fault)
        longest = greatest(measured)
        if longest is None:
            yield Finding(name, Outcome.INCONCLUSIVE, "nobody saw who had the VIP")
        elif not longest:
            yield Finding(name, Outcome.PASSED, "the VIP was never on two nodes at once", measured)
        elif longest <= measures.slack_s:
            text = f"the VIP was on two nodes for {told(measured)} s, as one handed it over"
            yield Finding(name, Outcome.PASSED, text, measured)
        else:
            had = [t for t in measures.tenures if _meets(t, span.injected.start_ns, span.until_ns)]
            who = " and ".join(sorted({tenure.node for tenure in had}))
            surely = bool(least(measured))
            text = f"{who} {'had' if surely else 'may have had'} the VIP at once, for {told(measured)} s"
            yield Finding(name, Outcome.FAILED if surely else Outcome.INCONCLUSIVE, text, measured)


def _meets(tenure: Tenure, start_ns: int, end_ns: int) -> bool:
    return tenure.begin.start_ns < end_ns and (tenure.end is None or tenure.end.end_ns > start_ns)
