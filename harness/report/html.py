"""A campaign as one self-contained page: opens from disk, loads nothing, needs no JavaScript."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import jinja2
import msgspec
from markupsafe import Markup

from harness import figures, store, verdict
from harness.errors import HistoryError
from harness.report import words
from harness.report.added import Configured, configuration
from harness.report.chain import chain
from harness.report.connections import Alike, alike
from harness.report.formats import Report
from harness.report.timeline import timeline
from harness.verdict import Finding, Outcome, Verdict

_WORST_FIRST = [Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.PASSED]


class Section(msgspec.Struct):
    """One trial, ready to be shown."""

    place: str
    anchor: str
    verdict: Verdict
    findings: list[Finding]
    doubts: list[str]
    summary: str
    chain: Markup | None
    timeline: Markup
    configuration: list[Configured]
    nodes: dict[str, store.Machine]
    vip: str
    connections: list[Alike]
    error_kinds: list[str]
    failed: int


def page(folder: Path) -> Report:
    """Return index.html of the campaign, or of a single trial's folder; satisfies harness.report.formats.Format."""
    sections = [_section(trial, folder) for trial in store.trials(folder)]
    text = (
        environment()
        .get_template("report.html.j2")
        .render(
            name=folder.resolve().name,
            started=_started(folder),
            sections=sections,
            outcome=verdict.worst([f for s in sections for f in s.verdict.findings]),
            sign=words.SIGN,
            columns=words.FAULT_COLUMNS,
            errors=words.ERRORS,
            ended=words.ENDED,
            owed_to=words.owed_to,
            broken=words.BROKEN,
            streams=words.STREAMS,
            latencies=words.LATENCIES,
        )
    )
    return Report("index.html", text.encode())


def environment() -> jinja2.Environment:
    """Return where templates are found, and what they may do to a figure."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("harness.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"seconds": figures.told, "ms": words.milliseconds, "interval": figures.told_interval}
    return found


def _started(folder: Path) -> str:
    try:
        return store.load_campaign(folder).started.replace("T", " ")
    except HistoryError:
        return ""


def _section(trial: Path, folder: Path) -> Section:
    spec, history = store.load_trial(trial)
    judged = store.load_verdict(trial)
    inside = trial.relative_to(folder).as_posix()
    place = inside if inside != "." else f"{judged.scenario}/{judged.trial}"
    kinds = [kind for kind in words.ERRORS if any(kind in s.errors for s in judged.streams.values())]
    return Section(
        place=place,
        anchor=quote(f"trial/{place}"),
        verdict=judged,
        findings=sorted(judged.findings, key=lambda f: _WORST_FIRST.index(f.outcome)),
        doubts=[f.message for f in judged.findings if f.doubted and f.check == "Validity"],
        summary=spec.scenario.summary,
        chain=chain(judged),
        timeline=timeline(history, {node: about.roles for node, about in spec.nodes.items()}),
        configuration=configuration(spec.profile),
        nodes=spec.nodes,
        vip=spec.profile.vip,
        connections=alike(judged.clients),
        error_kinds=kinds,
        failed=sum(judged.blame.values()),
    )
