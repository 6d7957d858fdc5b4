"""Ask one check about a drawn history."""

from __future__ import annotations

import msgspec

from harness.analysis.measure import measure
from harness.checks.judge import judge
from harness.spec import Check
from harness.verdict import Finding, Outcome
from tests.drawn import BACKENDS, Drawn


def ask(drawn: Drawn, check: Check) -> list[Finding]:
    """Return the check's own findings, as if nothing about the history were in doubt."""
    history = drawn.history()
    return judge(history, msgspec.structs.replace(measure(history, BACKENDS), doubts=[]), [check])


def outcomes(drawn: Drawn, check: Check) -> list[Outcome]:
    return [f.outcome for f in ask(drawn, check)]
