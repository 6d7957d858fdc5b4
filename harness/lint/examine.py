"""All findings over a set-up, less those that its comments take leave of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import msgspec

from harness.lint.rule import CODE, Problem, Severity, rules
from harness.lint.setup import Setup
from harness.profile import keepalived
from harness.profile.source import legible
from harness.profile.where import Lack

_IGNORED = re.compile(rf"#\s*harness:\s*ignore\s+({CODE}(?:[\s,]+{CODE})*)")
_ORDER = list(Severity)


class Objection(msgspec.Struct, frozen=True):
    """A problem and its rule; `fix` is the line as it should be."""

    code: str
    severity: Severity
    path: str
    line: int
    message: str
    title: str
    link: str
    fix: str | None = None


def examine(setup: Setup) -> list[Objection]:
    """Return the findings, the worst first; a comment `# harness: ignore K08` on a line or above it silences it."""
    texts = {path: text.splitlines() for conf in setup.confs for path, text in conf.texts.items()}
    texts |= {file.source: file.text.splitlines() for file in setup.programs}
    texts |= {proxy.path: proxy.text.splitlines() for proxy in setup.proxies}
    lacks: dict[str, Lack] = {}
    for conf in setup.confs:
        for lack in keepalived.unknown(conf.root):
            lacks = dict.fromkeys(conf.texts, lack) | lacks
    found = [
        Objection(
            r.code,
            p.severity,
            p.where.path,
            p.where.line,
            legible(p.message),
            r.title,
            r.link,
            p.fix and legible(p.fix),
        )
        for r in rules()
        for p in (_as_far(one, lacks) for one in r.places(setup))
        if r.code not in _ignored(texts.get(p.where.path, []), p.where.line)
    ]
    # One file may be several nodes': what is wrong with it is said once.
    return sorted(dict.fromkeys(found), key=lambda f: (_ORDER.index(f.severity), f.code, f.path, f.line))


def _as_far(problem: Problem, lacks: Mapping[str, Lack]) -> Problem:
    """Return a problem as what it is where something that the daemon may read is not known: no error for certain."""
    if problem.severity is not Severity.ERROR or problem.where.path not in lacks:
        return problem
    unless = f"{problem.message}; that depends on {lacks[problem.where.path].on}"
    return replace(problem, severity=Severity.WARNING, message=unless)


def _ignored(lines: list[str], number: int) -> set[str]:
    return {code for at in (number - 2, number - 1) if 0 <= at < len(lines) for code in _codes(lines[at])}


def _codes(line: str) -> Iterator[str]:
    for found in _IGNORED.finditer(line):
        yield from re.findall(CODE, found[1])
