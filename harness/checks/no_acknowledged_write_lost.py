"""Is everything that was acknowledged still there at the end?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.events import Readback
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class NoAcknowledgedWriteLost:
    """Every acknowledged write is found again when all is read back."""

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        name, account = type(self).__name__, measures.writes
        if account is None or not account.acknowledged:
            yield Finding(name, Outcome.INCONCLUSIVE, "no write was ever acknowledged")
        elif account.lost is None:
            yield Finding(name, Outcome.INCONCLUSIVE, "the writes could not be read back at the end")
        elif account.lost:
            names = next(history.of(Readback)).data.lost or []
            some = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
            text = f"{account.lost} of {account.acknowledged} acknowledged writes are gone: {some}"
            yield Finding(name, Outcome.FAILED, text, certain=True)
        else:
            yield Finding(name, Outcome.PASSED, f"{account.acknowledged} writes acknowledged, all read back")
