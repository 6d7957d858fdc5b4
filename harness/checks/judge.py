"""Ask every check, and let nothing that went wrong pass for an answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from harness.analysis.measure import Measures
from harness.checks.budget import NoSuchFaultError
from harness.history import History
from harness.verdict import Finding, Outcome


class Check(Protocol):
    """A question about one trial."""

    def findings(self, history: History, measures: Measures) -> Iterable[Finding]: ...


def judge(history: History, measures: Measures, checks: Iterable[Check]) -> list[Finding]:
    """Return all findings; a doubtful history, a fault that is missing and a crashed check are inconclusive."""
    found = [Finding("Validity", Outcome.INCONCLUSIVE, doubt) for doubt in measures.doubts]
    for check in checks:
        name = type(check).__name__
        try:
            answers = list(check.findings(history, measures))
        except NoSuchFaultError as error:
            answers = [Finding(name, Outcome.INCONCLUSIVE, str(error))]
        except Exception as error:  # whatever it was: without an answer there is no verdict
            answers = [Finding(name, Outcome.INCONCLUSIVE, f"the check crashed: {type(error).__name__}: {error}")]
        found += answers or [Finding(name, Outcome.INCONCLUSIVE, "the check found nothing to judge")]
    return found
