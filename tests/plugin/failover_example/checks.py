"""A check: a question to the history and the measures of a trial."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class FewFail:
    """Of a trial's requests on fresh connections no more than a share fails."""

    most: float

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        fresh = measures.streams.get("fresh")
        if fresh is None or not fresh.sent:
            yield Finding("FewFail", Outcome.INCONCLUSIVE, "no request was sent on a fresh connection")
            return
        outcome = Outcome.PASSED if fresh.error_rate <= self.most else Outcome.FAILED
        text = f"{fresh.failed} of {fresh.sent} fresh requests failed, a share of {fresh.error_rate:.3f}"
        yield Finding("FewFail", outcome, f"{text}; {self.most:.3f} may", fresh.error_rate, self.most)
