"""How long may clients go unanswered?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from harness.analysis.measure import Measures
from harness.checks.budget import allowed, fault, within
from harness.figures import told
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class BlackoutWithin:
    """The longest time without any answer, from a fault to the next, is at most `within_s`, or as predicted."""

    fault: int
    within_s: float | None = None

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        measured = fault(measures, self.fault)
        name, budget_s = type(self).__name__, allowed(self.within_s, measured.predicted, "blackout_s", measures.slack_s)
        if budget_s == inf and measured.blackout_s is not None:
            text = f"clients went without an answer for {told(measured.blackout_s)} s: only healing ends it"
            yield Finding(name, Outcome.FAILED, text, measured.blackout_s)
            return
        yield within(name, "clients were answered again", measured.blackout_s, budget_s)
