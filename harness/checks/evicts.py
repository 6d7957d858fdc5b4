"""Does every running haproxy take a dead backend out in time?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from harness.analysis.measure import Measures
from harness.checks.budget import allowed, span_of, within
from harness.clock import unended
from harness.history import History
from harness.verdict import Finding, Shown, Symptom


@dataclass(frozen=True)
class Evicts:
    """Each haproxy that runs has the failed node's backend DOWN within `within_s`, or as predicted of it."""

    fault: int
    within_s: float | None = None

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        span = span_of(measures, self.fault)
        for row in measures.evictions:
            if row.fault == self.fault:
                reason = f" ({row.reason})" if row.reason else ""
                what = f"{row.haproxy}'s haproxy evicted {row.backend}{reason}"
                budget_s = allowed(self.within_s, row.predicted, "eviction_s", measures.slack_s)
                found = within(type(self).__name__, what, row.eviction_s, budget_s)
                shows = Shown(Symptom.BACKEND_KEPT, row.haproxy, span.process, row.backend)
                yield replace(found, shows=shows) if unended(row.eviction_s) else found
