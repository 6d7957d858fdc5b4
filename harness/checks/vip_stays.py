"""Does the VIP stay where it is, when what failed is none of its owner's?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.analysis.owners import owners_at
from harness.checks.budget import span_of
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class VipStays:
    """The VIP's owner at a fault is its only owner until the next fault or the end."""

    fault: int

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        span = span_of(measures, self.fault)
        start, end = span.injected.start_ns, span.until_ns
        owners = owners_at(measures.tenures, start)
        changed = [
            t
            for t in measures.tenures
            if start < t.begin.start_ns <= end or (t.end is not None and start < t.end.start_ns <= end)
        ]
        name = type(self).__name__
        if len(owners) != 1:
            yield Finding(name, Outcome.INCONCLUSIVE, f"the VIP had {len(owners)} owners before the fault")
        elif changed:
            came = [(t.begin.start_ns, f"came to {t.node}") for t in changed if t.begin.start_ns > start]
            left = [(t.end.start_ns, f"left {t.node}") for t in changed if t.end]
            went = ", ".join(f"{what} after {(at - start) / 1e9:.2f} s" for at, what in came or left)
            yield Finding(name, Outcome.FAILED, f"the VIP did not stay on {owners[0]}: it {went}")
        else:
            yield Finding(name, Outcome.PASSED, f"the VIP stayed on {owners[0]}")
