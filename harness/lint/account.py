"""What in the files accounts for something that a trial has shown."""

from __future__ import annotations

from harness.lint.rule import rules
from harness.lint.setup import Setup
from harness.verdict import Reason, Shown


def account(setup: Setup, shown: Shown) -> list[Reason]:
    """Return every place that by itself brings about what was shown; none where none does.

    A comment that silences a rule keeps it from being said beforehand, and changes nothing of what happened.
    """
    found = (
        Reason(rule.code, p.where.path, p.where.line, p.message, p.fix)
        for rule in rules()
        for p in rule.places(setup)
        if p.accounts_for is not None and p.accounts_for.covers(shown)
    )
    return list(dict.fromkeys(found))
