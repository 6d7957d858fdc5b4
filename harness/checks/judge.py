"""Ask every check, and let nothing that went wrong pass for an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from harness.analysis.measure import Measures
from harness.analysis.validity import Doubt
from harness.checks.budget import NoSuchFaultError
from harness.history import History
from harness.spec import Check
from harness.verdict import Finding, Outcome


def judge(history: History, measures: Measures, checks: Iterable[Check]) -> list[Finding]:
    """Return all findings; a doubtful history, a fault that is missing and a crashed check are inconclusive.

    In the face of a doubt what rests on time cannot fail, however bad its figure.
    """
    found = weighed((Finding("Validity", Outcome.INCONCLUSIVE, d.text) for d in measures.doubts), measures.doubts)
    for check in checks:
        name = type(check).__name__
        try:
            answers = list(check.findings(history, measures))
        except NoSuchFaultError as error:
            answers = [Finding(name, Outcome.INCONCLUSIVE, str(error))]
        except Exception as error:  # whatever it was: without an answer there is no verdict
            text = f"the check crashed: {type(error).__name__}: {error}"
            found.append(Finding(name, Outcome.INCONCLUSIVE, text))
            continue
        answers = answers or [Finding(name, Outcome.INCONCLUSIVE, "the check found nothing to judge")]
        found += weighed(answers, measures.doubts)
    return _excused(found, measures.strain) if measures.strain else found


def weighed(found: Iterable[Finding], doubts: Sequence[Doubt]) -> list[Finding]:
    """Return findings as they stand in the face of doubts; what a quieter machine may tell is marked as that."""
    machine = any(doubt.machine for doubt in doubts)
    return [_in_doubt(finding, machine) if doubts else finding for finding in found]


def _excused(found: list[Finding], strain: Doubt) -> list[Finding]:
    """Return findings with those in doubt that failed by their figure; a strained machine spoils no other."""
    late = [f.outcome is Outcome.FAILED and not f.certain for f in found]
    if not any(late):
        return found
    reason = Finding("Validity", Outcome.INCONCLUSIVE, strain.text, doubted=True)
    return [reason, *(_in_doubt(f, strain.machine) if is_late else f for f, is_late in zip(found, late, strict=True))]


def _in_doubt(finding: Finding, machine: bool) -> Finding:
    if finding.outcome is Outcome.PASSED or finding.certain:
        return finding
    if finding.outcome is Outcome.FAILED:
        text = f"in doubt: {finding.message}"
        return msgspec.structs.replace(finding, outcome=Outcome.INCONCLUSIVE, message=text, doubted=machine)
    return msgspec.structs.replace(finding, doubted=machine)
