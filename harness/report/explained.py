"""A rule's page: what happens, how that was confirmed, what to do; for a terminal, and all of them as a document."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType

from harness.lint.rule import Rule
from harness.report.layout import Paragraph

HEAD = """\
# What lint objects to, and why

Made of the rules' own words by `python -m bench.rules`; `harness explain K08` prints one of them. A comment `# harness:
ignore K08` on a line or above it takes leave of a rule there.
"""


def page(rule: Rule) -> RenderableType:
    """Return a rule's page, its paragraphs as wide as the terminal."""
    told = (Paragraph(" ".join(part.split())) for part in rule.page.split("\n\n"))
    spaced = [line for part in told for line in (part, "")]
    return Group(Paragraph(f"{rule.code}: {rule.title}"), "", *spaced, Paragraph(rule.link))


def document(rules: Iterable[Rule]) -> str:
    """Return all pages in Markdown."""
    return "\n".join([HEAD, *(f"## {r.code}: {r.title}\n\n{r.page}\n\n<{r.link}>\n" for r in rules)])
