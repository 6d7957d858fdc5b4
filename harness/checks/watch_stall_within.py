"""For how long may a watch be believed in that brings no news any more?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from harness.analysis.measure import Measures
from harness.checks.budget import allowed, fault, within
from harness.clock import greatest
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class WatchStallWithin:
    """The longest silence of a watch after a fault is at most `within_s`, or what is predicted of the worst."""

    fault: int
    within_s: float | None = None

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        measured = fault(measures, self.fault)
        index = measures.faults.index(measured)
        span = measures.spans[index]
        streams = [one for one in measures.clients if one.kind == "watch" and one.fault == span.index]
        name = type(self).__name__
        if not streams:
            yield Finding(name, Outcome.INCONCLUSIVE, "no watch was open when the fault came")
            return
        worst = max(streams, key=lambda one: greatest(one.dark_s) or 0.0)
        if not greatest(worst.dark_s):
            served = ", ".join(sorted({one.served_by or "nobody" for one in streams}))
            yield Finding(
                name, Outcome.PASSED, f"no watch fell silent and was believed in; they were served by {served}", 0.0
            )
            return
        budget_s = allowed(self.within_s, worst.predicted, "dark_s", measures.slack_s)
        if budget_s is None and self.within_s is None and greatest(worst.dark_s) == inf:
            text = f"a watch served by {worst.served_by} was still believed in at the end"
            yield Finding(name, Outcome.FAILED, text, worst.dark_s)
            return
        yield within(
            name, f"the watch that was silent for longest, served by {worst.served_by}, ended", worst.dark_s, budget_s
        )
