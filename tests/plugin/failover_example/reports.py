"""A report format: a campaign as a table in Markdown."""

from __future__ import annotations

from pathlib import Path

from harness import store
from harness.report.formats import Report


def markdown(folder: Path) -> Report:
    rows = ["| scenario | profile | outcome |", "|---|---|---|"]
    for trial in store.trials(folder):
        verdict = store.load_verdict(trial)
        rows.append(f"| {verdict.scenario} | {verdict.profile} | {verdict.outcome} |")
    return Report("report.md", "\n".join([*rows, ""]).encode())
