"""Write docs/rules.md anew, out of what the rules say of themselves."""

from __future__ import annotations

from pathlib import Path

from harness.lint import rules as ours
from harness.lint.rule import rules
from harness.report import explained

DOCUMENT = Path(__file__).parents[1] / "docs" / "rules.md"


def document() -> str:
    """Return the pages of the rules that come with the harness."""
    return explained.document(one for one in rules() if one.problems.__module__.startswith(f"{ours.__name__}."))


if __name__ == "__main__":
    DOCUMENT.write_text(document())
