"""A verdict as tables in the terminal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from harness.figures import told, told_interval
from harness.report.connections import Alike, alike
from harness.report.layout import Fitting, Paragraph, Rows
from harness.report.words import BROKEN, ENDED, FAULT_COLUMNS, SIGN, milliseconds, owed_to
from harness.verdict import FaultMeasures, Finding, Outcome, Reason, Verdict

STYLE = {Outcome.PASSED: "green", Outcome.INCONCLUSIVE: "yellow", Outcome.FAILED: "red"}


def table(verdict: Verdict) -> RenderableType:
    """Return everything that was measured and judged in one trial."""
    head = Text.assemble(
        (f"{verdict.scenario} on {verdict.profile}: ", "bold"),
        (verdict.outcome.value.upper(), f"bold {STYLE[verdict.outcome]}"),
        f"  ({verdict.trial}, {verdict.duration_s:.0f} s)",
    )
    parts: list[RenderableType] = ["", Paragraph(head), *map(_finding, verdict.findings), ""]
    if verdict.faults:
        parts += [_faults(verdict.faults), ""]
    if verdict.evictions:
        parts += [_evictions(verdict), ""]
    if verdict.clients:
        parts += [_connections(verdict), ""]
    if verdict.guests:
        parts += [_guests(verdict), ""]
    if verdict.streams:  # none were sent where the chain never became steady
        parts += [_streams(verdict), ""]
    return Group(*parts, *(Paragraph(said, hang=2) for said in _clients(verdict)))


def summary(verdicts: Sequence[Verdict], broken: Sequence[tuple[str, str]] = ()) -> RenderableType:
    """Return how the trials of each scenario and profile ended, and why each that did not pass or was `broken` off."""
    grid = Rows(("scenario", "profile", "trials", *Outcome), align="<<")
    for (scenario, profile), trials in sorted(Counter((v.scenario, v.profile) for v in verdicts).items()):
        ended = Counter(v.outcome for v in verdicts if (v.scenario, v.profile) == (scenario, profile))
        counts = (Text(str(ended[one]), STYLE[one]) if ended[one] else Text("–") for one in Outcome)
        grid.add(scenario, profile, str(trials), *counts)
    order = [Outcome.FAILED, Outcome.INCONCLUSIVE]
    bad = [v for v in verdicts if v.outcome in order]
    bad.sort(key=lambda v: (order.index(v.outcome), v.scenario, v.profile, len(v.trial), v.trial))
    errors = [Paragraph(Text.assemble((f"{name}: ", "bold"), error), Text("! ", "red")) for name, error in broken]
    return Group("", grid, *([""] if bad or errors else []), *map(_reason, bad), *errors)


def reason(verdict: Verdict) -> str:
    """Return the first thing that kept a trial from passing, without its explanation."""
    worst = next((f for f in verdict.findings if f.outcome is verdict.outcome), None)
    if worst is None:
        return "nothing was checked"
    said = re.split(r"[:;]\s", worst.message)[0]
    return f"{worst.check}: {said}"


def _reason(verdict: Verdict) -> Paragraph:
    place = f"{verdict.scenario}/{verdict.trial}"  # in the campaign's folder
    return Paragraph(Text.assemble((f"{place}: ", "bold"), reason(verdict)), _sign(verdict.outcome))


def _finding(finding: Finding) -> RenderableType:
    said = Paragraph(Text.assemble((f"{finding.check}: ", "bold"), finding.message), _sign(finding.outcome))
    known = Paragraph(Text("lint knows why:", "bold"), "    ")
    return Group(said, *([known] if finding.because else []), *map(_because, finding.because))


def _because(reason: Reason) -> Paragraph:
    """Return what lint says of it, and the line as it should be."""
    write = f"; write: {reason.fix.strip()}" if reason.fix else ""
    return Paragraph(f"{reason.rule} {reason.path}:{reason.line}: {reason.message}{write}", "    ", hang=2)


def _sign(outcome: Outcome) -> Text:
    return Text(f"{SIGN[outcome]} ", STYLE[outcome])


def _faults(faults: Sequence[FaultMeasures]) -> Fitting:
    """Return the faults side by side, as many as there is room for."""
    return Fitting(
        [
            [_side_by_side(faults[at : at + many]) for at in range(0, len(faults), many)]
            for many in range(len(faults), 0, -1)
        ]
    )


def _side_by_side(faults: Sequence[FaultMeasures]) -> Rows:
    grid = Rows(("seconds", *("measured", "predicted") * len(faults)))
    for title, cells in (
        ("fault", [f.fault for f in faults]),
        ("on", [f"{f.node} at {f.at_s:.1f}" for f in faults]),
        ("VIP went to", [f.new_owner or "–" for f in faults]),
    ):
        grid.add(title, *(one for cell in cells for one in (cell, "")))
    for title, name in FAULT_COLUMNS.items():
        found = [(getattr(f, name), f.predicted.get(name)) for f in faults]
        if any(value is not None for value, _ in found):
            cells_ = ((told(value), Text(told_interval(interval, value), "dim")) for value, interval in found)
            grid.add(" ".join(title.split()), *(one for pair in cells_ for one in pair))
    return grid


def _evictions(verdict: Verdict) -> Rows:
    grid = Rows(("evictions, seconds", "check failed", "evicted", "last error", "readmitted"))
    names = ("first_failed_check_s", "eviction_s", "last_error_s", "readmission_s")
    for e in verdict.evictions:
        measured = [getattr(e, name) for name in names]
        reason = f", {e.reason}" if e.reason else ""
        grid.add(f"{e.backend} by {e.haproxy}{reason}", *map(told, measured))
        predicted = [told_interval(e.predicted.get(name), value) for name, value in zip(names, measured, strict=True)]
        if any(predicted):
            grid.add(Text("  predicted", "dim"), *(Text(one, "dim") for one in predicted))
    return grid


def _connections(verdict: Verdict) -> Rows:
    grid = Rows(("clients", "how many", "dark, seconds", "predicted"), note="what ended it; for how long no news")
    for one in alike(verdict.clients):
        fault = verdict.faults[one.fault]
        after = f", after {fault.fault} on {fault.node}" if len(verdict.faults) > 1 else ""
        grid.add(
            f"{one.kind}, served by {one.served_by or 'nobody'}{after}",
            str(one.count),
            told(one.dark_s),
            Text(told_interval(one.predicted, one.dark_s), "dim"),
            note="; ".join(filter(None, (ENDED.get(one.ended or "", one.ended or ""), _news(one)))),
        )
    return grid


def _news(one: Alike) -> str:
    """Return how a stream of news broke, and for how long there was none."""
    if one.broken is None:
        return ""
    predicted = told_interval(one.predicted_again, one.again_s)
    beside = f", predicted {predicted}" if predicted else ""
    again = f": no news for {told(one.again_s)} s{beside}" if one.again_s is not None else ""
    return f"{BROKEN[one.broken]}{again}"


def _guests(verdict: Verdict) -> Rows:
    grid = Rows(
        ("guests", "dark, seconds", "usually", "a stream silent", "dialled"),
        note="what it is owed to, and what ended it",
    )
    for one in verdict.guests:
        fault = verdict.faults[one.fault]
        after = f", after {fault.fault} on {fault.node}" if len(verdict.faults) > 1 else ""
        grid.add(
            f"{one.name} in {one.seat}{after}",
            told(one.dark_s),
            f"{one.usual_s:.3f}",
            told(one.stall_s),
            f"{one.dialled}, {one.unanswered} in vain" if one.unanswered else str(one.dialled),
            note="; ".join(owed_to(one)),
        )
    return grid


def _streams(verdict: Verdict) -> Rows:
    grid = Rows(("requests", "sent", "failed", "", "p50 ms", "p99 ms", "max ms"), note="errors")
    for name, s in verdict.streams.items():
        figures = (milliseconds(s.latency_ms[key]) for key in ("p50", "p99", "max"))
        errors = ", ".join(f"{kind} {count}" for kind, count in s.errors.items())
        grid.add(name, str(s.sent), str(s.failed), f"{s.error_rate:.1%}", *figures, note=errors)
    return grid


def _clients(verdict: Verdict) -> Iterator[str]:
    if verdict.blame:
        yield f"why requests failed: {_shares(verdict.blame)}"
    if verdict.haproxy_log is not None and verdict.haproxy_log.logged:
        log = verdict.haproxy_log
        yield f"haproxy's log: {log.agreed} of the {log.logged} that it logged went to a dead backend"
    if verdict.writes is not None:
        w = verdict.writes
        lost = "not read back" if w.lost is None else f"{w.lost} lost"
        yield f"writes: {w.acknowledged} acknowledged, {lost}, {w.rejected} rejected"
    if verdict.prober is not None and verdict.prober.lateness_ms_p99 is not None:
        yield f"prober: {verdict.prober.lateness_ms_p99:.2f} ms late (p99), {verdict.prober.cap_hits} cap hits"


def _shares(blame: dict[str, int]) -> str:
    total = sum(blame.values())
    return ", ".join(f"{name} {count} ({count / total:.1%})" for name, count in blame.items())
