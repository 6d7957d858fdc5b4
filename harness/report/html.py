"""A campaign as one self-contained page: opens from disk, loads nothing, needs no JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup

from harness import store, verdict
from harness.errors import HistoryError
from harness.report import words
from harness.report.added import Configured, configuration
from harness.report.chain import chain
from harness.report.timeline import timeline
from harness.verdict import Outcome, Verdict


class Section(msgspec.Struct):
    """One trial, ready to be shown."""

    anchor: str
    verdict: Verdict
    summary: str
    chain: Markup | None
    timeline: Markup
    configuration: list[Configured]
    nodes: dict[str, Any]
    vip: str
    error_kinds: list[str]
    failed: int


def write(folder: Path) -> Path:
    """Write index.html of the campaign, or of a single trial's folder, and return its path."""
    sections = [_section(trial) for trial in store.trials(folder)]
    if not sections:
        raise HistoryError(f"{folder}: no trial there; a trial's folder holds spec.json and history.jsonl")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("harness.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"seconds": verdict.told, "ms": words.milliseconds, "foretold": verdict.foretold}
    page = environment.get_template("report.html.j2").render(
        name=folder.resolve().name,
        started=_started(folder),
        sections=sections,
        outcome=verdict.worst([f for s in sections for f in s.verdict.findings]),
        sign=words.SIGN,
        columns=words.FAULT_COLUMNS,
        errors=words.ERRORS,
        Outcome=Outcome,
    )
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def _started(folder: Path) -> str:
    try:
        return store.load_campaign(folder).started.replace("T", " ")
    except HistoryError:
        return ""


def _section(trial: Path) -> Section:
    spec, history = store.load_trial(trial)
    judged = store.load_verdict(trial)
    kinds = [kind for kind in words.ERRORS if any(kind in s.errors for s in judged.streams.values())]
    return Section(
        anchor=f"{judged.scenario}-{judged.profile}-{judged.trial}",
        verdict=judged,
        summary=spec["scenario"]["summary"],
        chain=chain(judged),
        timeline=timeline(history),
        configuration=configuration(spec["profile"]),
        nodes=spec["nodes"],
        vip=spec["profile"]["vip"],
        error_kinds=kinds,
        failed=sum(judged.blame.values()),
    )
