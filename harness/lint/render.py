"""Findings in the formats that machines read: JSON, SARIF, GitHub's annotations; each is found by entry point."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import msgspec

from harness import __version__
from harness.errors import ProfileError
from harness.lint.examine import Objection
from harness.lint.listing import listed
from harness.lint.rule import Rule, Severity, rules
from harness.profile.files import read_text
from harness.profile.secrets import hidden

GROUP = "failover_harness.findings"  # each entry point makes of findings a text, or what rich can show
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_ANNOTATION = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def json(findings: Sequence[Objection]) -> str:
    """Return the findings, and each file with what it was read as, or why it was left."""
    listing = listed(findings)
    told = {
        "findings": list(findings),
        "files": listing.files,
        "not_understood": {"words": listing.words, "scripts": listing.scripts},
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def sarif(findings: Sequence[Objection]) -> str:
    """Return SARIF 2.1.0, as code hosts read it: each rule with its page, each place with its remedy."""
    described = {r.code: _described(r) for r in rules()}
    places = list(described)
    seen: Counter[str] = Counter()
    results = []
    for f in findings:
        line = _line(f)
        seen[same := f"{f.code} {f.path} {line}"] += 1
        digest = hashlib.sha256(os.fsencode(f"{same} {seen[same]}")).hexdigest()
        result: dict[str, object] = {
            "ruleId": f.code,
            "ruleIndex": places.index(f.code),
            "level": _LEVEL[f.severity],
            "message": {"text": f.message},
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(f), "region": _region(f)}}],
            "partialFingerprints": {"ruleAndLine/v1": digest[:32]},
        }
        results.append(result | ({"fixes": [_fix(f)]} if f.fix is not None else {}))
    driver = {"name": "failover-harness", "version": __version__, "rules": list(described.values())}
    whole = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()


def _described(rule: Rule) -> dict[str, object]:
    first = rule.page.partition("\n")[0] or rule.title
    help_ = {"text": rule.page or rule.title, "markdown": f"{rule.page}\n\n[{rule.link}]({rule.link})"}
    about = {"shortDescription": {"text": rule.title}, "fullDescription": {"text": first}}
    return {"id": rule.code, **about, "help": help_, "helpUri": rule.link}


def _artifact(finding: Objection) -> dict[str, str]:
    return {"uri": quote(finding.path.replace("\\", "/"))}


def _region(finding: Objection) -> dict[str, int]:
    """Return a whole line, without what ends it."""
    return {"startLine": max(1, finding.line)}


def _fix(finding: Objection) -> dict[str, object]:
    line = {"deletedRegion": _region(finding), "insertedContent": {"text": finding.fix}}
    changes = [{"artifactLocation": _artifact(finding), "replacements": [line]}]
    return {"description": {"text": f"write: {(finding.fix or '').strip()}"}, "artifactChanges": changes}


def _line(finding: Objection) -> str:
    """Return the line without what it is indented by, and without a secret; "" where the file cannot be read."""
    try:
        lines = read_text(Path(finding.path)).splitlines()
    except ProfileError:
        return ""
    return hidden(lines[finding.line - 1]).strip() if 0 < finding.line <= len(lines) else ""


def github(findings: Sequence[Objection]) -> str:
    """Return workflow commands, which GitHub shows beside the lines."""
    return "\n".join(
        f"::{_ANNOTATION[f.severity]} file={f.path},line={f.line},title={f.code}::{_escaped(f.message)}"
        for f in findings
    )


def _escaped(message: str) -> str:
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
