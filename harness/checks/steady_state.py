"""Did the chain ever serve, so that something could be broken?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.events import Unsteady
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class SteadyState:
    """The chain became steady; where it did not, its cause is the whole verdict, and nothing was broken.

    That a daemon ended by itself, or that nobody may reach the VIP, holds on a quiet machine, too; whatever else was
    missing may only have been late.
    """

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        for event in history.of(Unsteady):
            cause, ended = event.data.cause, event.data.ended
            yield Finding(type(self).__name__, Outcome.FAILED, f"nothing was broken: {cause}", certain=ended)
