"""How long may clients go unanswered?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.checks.budget import fault, within
from harness.history import History
from harness.verdict import Finding


@dataclass(frozen=True)
class BlackoutWithin:
    """The longest time without any answered request, from a fault to the next, is at most `within_s`."""

    fault: int
    within_s: float

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        measured = fault(measures, self.fault)
        yield within(type(self).__name__, "clients were answered again", measured.blackout_s, self.within_s)
