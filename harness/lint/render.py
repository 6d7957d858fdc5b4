"""Findings in the formats that people and machines read: text, JSON, SARIF, GitHub's annotations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from harness.lint.examine import Finding
from harness.lint.rule import Severity, rules
from harness.profile.files import read_text

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PLURAL = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "remarks"}
_ANNOTATION = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def text(findings: Sequence[Finding]) -> str:
    """Return each rule that objected with its places, remedies as lines out and in, and a count."""
    parts = []
    for (severity, code), group in groupby(findings, key=lambda f: (f.severity, f.code)):
        same = list(group)
        parts.append(f"{severity.value} {code}: {same[0].title}  <{same[0].link}>")
        for message in dict.fromkeys(f.message for f in same):
            places = [f for f in same if f.message == message]
            parts += [f"  {f.path}:{f.line}" for f in places[:-1]]
            parts.append(f"  {places[-1].path}:{places[-1].line}: {message}")
            parts += [line for f in places if f.fix is not None for line in _change(f)]
        parts.append("")
    counts = [f"{sum(f.severity is s for f in findings)} {_PLURAL[s]}" for s in Severity]
    return "\n".join([*parts, ", ".join(counts) if findings else "nothing to object to"])


def _change(finding: Finding) -> list[str]:
    before = read_text(Path(finding.path)).splitlines()[finding.line - 1]
    return [f"    - {before.strip()}", f"    + {(finding.fix or '').strip()}"]


def json(findings: Sequence[Finding]) -> str:
    return msgspec.json.format(msgspec.json.encode(findings), indent=2).decode()


def sarif(findings: Sequence[Finding]) -> str:
    """Return SARIF 2.1.0, as code hosts read it."""
    described = [{"id": r.code, "shortDescription": {"text": r.title}, "helpUri": r.link} for r in rules()]
    results = [
        {
            "ruleId": f.code,
            "level": _LEVEL[f.severity],
            "message": {"text": f.message},
            "locations": [
                {"physicalLocation": {"artifactLocation": {"uri": f.path}, "region": {"startLine": max(1, f.line)}}}
            ],
        }
        for f in findings
    ]
    run = {"tool": {"driver": {"name": "failover-harness", "rules": described}}, "results": results}
    whole = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()


def github(findings: Sequence[Finding]) -> str:
    """Return workflow commands, which GitHub shows beside the lines."""
    return "\n".join(
        f"::{_ANNOTATION[f.severity]} file={f.path},line={f.line},title={f.code}::{_escaped(f.message)}"
        for f in findings
    )


def _escaped(message: str) -> str:
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


FORMATS: dict[str, Callable[[Sequence[Finding]], str]] = {"text": text, "json": json, "sarif": sarif, "github": github}
