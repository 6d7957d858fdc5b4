"""Ask one check about a drawn history."""

from __future__ import annotations

from harness.analysis.measure import measure
from harness.checks.judge import judge
from harness.verdict import Finding, Outcome
from tests.drawn import BACKENDS, Drawn


def ask(drawn: Drawn, check: object) -> list[Finding]:
    """Return the check's own findings, without the doubts about the history."""
    history = drawn.history()
    return [f for f in judge(history, measure(history, BACKENDS), [check]) if f.check != "Validity"]


def outcomes(drawn: Drawn, check: object) -> list[Outcome]:
    return [f.outcome for f in ask(drawn, check)]
