import pytest

from harness.lint.rule import rules
from harness.report import explained
from harness.report.explained import HEAD


@pytest.mark.parametrize(
    "rule", [r for r in rules() if r.problems.__module__.startswith("harness.")], ids=lambda r: r.code
)
def test_every_rule_says_what_happens_how_that_is_known_and_what_to_do(rule):
    first, *_ = rule.page.split("\n")
    assert first.endswith(".") or ":" in first
    for part in ("\n\nConfirmed: ", "\n\nRemedy: "):
        assert part in rule.page


def test_the_document_has_them_all():
    text = explained.document(rules())
    assert text.startswith(HEAD)
    assert [line.split(":")[0].removeprefix("## ") for line in text.splitlines() if line.startswith("## ")] == [
        rule.code for rule in rules()
    ]
