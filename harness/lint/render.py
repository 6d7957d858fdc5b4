"""Findings in the formats that machines read: JSON, SARIF, GitHub's annotations; each is found by entry point."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harness.lint.examine import Finding
from harness.lint.listing import listed
from harness.lint.rule import Severity, rules

GROUP = "failover_harness.findings"  # each entry point makes of findings a text, or what rich can show
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_ANNOTATION = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def json(findings: Sequence[Finding]) -> str:
    """Return the findings, and each file with what it was read as, or why it was left."""
    listing = listed(findings)
    told = {
        "findings": list(findings),
        "files": listing.files,
        "not_understood": {"words": listing.words, "scripts": listing.scripts},
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


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
