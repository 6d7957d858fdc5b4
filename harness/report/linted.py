"""What lint found, to read: each rule that objected, its places and reasons, its remedies as lines out and in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from harness.lint.examine import Objection
from harness.lint.listing import Listing, listed
from harness.lint.rule import Severity
from harness.profile.files import read_text
from harness.profile.source import legible
from harness.report.layout import Paragraph

STYLE = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
_NAMES = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("remark", "remarks"),
}


def page(findings: Sequence[Objection]) -> RenderableType:
    """Return all findings, the files that they are about, and how many there are of each severity."""
    parts: list[RenderableType] = []
    for (severity, code), group in groupby(findings, key=lambda f: (f.severity, f.code)):
        same = list(group)
        head = Text.assemble((f"{severity.value} {code}", STYLE[severity]), f": {same[0].title}  <{same[0].link}>")
        parts.append(Paragraph(head, hang=2))
        parts += [_Places([f for f in same if f.message == said]) for said in dict.fromkeys(f.message for f in same)]
        parts.append("")
    return Group(*parts, *_files(listed(findings)), _counted(findings))


def _files(listing: Listing) -> list[RenderableType]:
    """Return which file was read as what, and which was left and why."""
    width = max((len(file.path) for file in listing.files), default=0)
    heads: list[tuple[str, list[tuple[str, str]]]] = [
        ("read", [(file.path, file.read_as) for file in listing.files if not file.left]),
        ("left", [(file.path, file.left) for file in listing.left]),
    ]
    parts: list[RenderableType] = []
    for head, rows in heads:
        parts += [head] if rows else []
        parts += [Paragraph(f"{path:<{width}}  {said}", "  ", hang=2) for path, said in rows]
    return [*parts, ""] if parts else []


@dataclass(frozen=True)
class _Places:
    """The places with one message: each with it in a pipe, where a line stands for itself; the last in a terminal."""

    findings: Sequence[Objection]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for f in self.findings:
            place = f"{f.path}:{f.line}"
            if options.no_wrap:
                yield Paragraph(f"{place}: {f.severity.value} {f.code}: {' '.join(f.message.split())}")
                yield from _change([f])
            else:
                yield Paragraph(place if f is not self.findings[-1] else f"{place}: {f.message}", "  ", hang=2)
        if not options.no_wrap:
            yield from _change(self.findings)


def _change(findings: Sequence[Objection]) -> list[Paragraph]:
    """Return the lines as they are and as they should be; the same change in several places once."""
    changes = dict.fromkeys((_line(f), f.fix.strip()) for f in findings if f.fix is not None)
    return [
        Paragraph(f"{sign} {line}", "    ", hang=2) for pair in changes for sign, line in zip("-+", pair, strict=True)
    ]


def _line(finding: Objection) -> str:
    return legible(read_text(Path(finding.path))).splitlines()[finding.line - 1].strip()


def _counted(findings: Sequence[Objection]) -> str:
    listing = listed(findings)
    aside = [
        f"{count} {word}{'s' if count != 1 else ''} {how}"
        for count, word, how in (
            (len(listing.left), "file", "left"),
            (listing.words, "word", "not known to keepalived"),
            (listing.scripts, "script", "not understood"),
        )
        if count
    ]
    if not findings and not aside:
        return "nothing to object to"
    if not findings:
        return f"nothing else to object to: {', '.join(aside)}"
    counts = {s: sum(f.severity is s for f in findings) for s in Severity}
    return ", ".join([*(f"{count} {_NAMES[s][count != 1]}" for s, count in counts.items()), *aside])
