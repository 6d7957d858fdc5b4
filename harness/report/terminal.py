"""A verdict as tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.report.words import FAULT_COLUMNS, SIGN, milliseconds
from harness.verdict import Outcome, Predicted, Seconds, Verdict, foretold, told

STYLE = {Outcome.PASSED: "green", Outcome.INCONCLUSIVE: "yellow", Outcome.FAILED: "red"}


def table(verdict: Verdict) -> RenderableType:
    """Return everything that was measured and judged in one trial."""
    head = Text.assemble(
        "\n",
        (f"{verdict.scenario} on {verdict.profile}: ", "bold"),
        (verdict.outcome.value.upper(), f"bold {STYLE[verdict.outcome]}"),
        f"  ({verdict.trial}, {verdict.duration_s:.0f} s)",
    )
    parts: list[RenderableType] = [head, _findings(verdict), ""]
    if verdict.faults:
        parts += [_faults(verdict), ""]
    if verdict.evictions:
        parts += [_evictions(verdict), ""]
    return Group(*parts, _streams(verdict), *_clients(verdict))


def summary(verdicts: Sequence[Verdict]) -> RenderableType:
    """Return one line a trial; nothing where there was only one."""
    if len(verdicts) < 2:
        return Text()
    grid = _grid("scenario", "profile", "verdict")
    for v in verdicts:
        grid.add_row(v.scenario, v.profile, Text(v.outcome.value, STYLE[v.outcome]))
    return grid


def _findings(verdict: Verdict) -> Table:
    grid = Table(box=None, show_header=False, padding=(0, 1))
    for f in verdict.findings:
        grid.add_row(Text(SIGN[f.outcome], STYLE[f.outcome]), f.check, Text(f.message))
    return grid


def _faults(verdict: Verdict) -> Table:
    heads = ((f"{f.fault}\n{f.node} at {f.at_s:.1f}", "\npredicted") for f in verdict.faults)
    grid = _grid("fault (times in s)", *(title for pair in heads for title in pair))
    grid.add_row("VIP went to", *(cell for f in verdict.faults for cell in (f.new_owner or "–", "")))
    for title, name in FAULT_COLUMNS.items():
        found = ((getattr(f, name), f.predicted.get(name)) for f in verdict.faults)
        cells = (cell for value, interval in found for cell in (told(value), Text(foretold(interval, value), "dim")))
        grid.add_row(title, *cells)
    return grid


def _evictions(verdict: Verdict) -> Table:
    grid = _grid("haproxy on", "backend", "1st failed check s", "eviction s", "why", "last error s", "readmission s")
    for e in verdict.evictions:
        failed, out = _beside(e.first_failed_check_s, e.predicted, "first_failed_check_s"), e.reason or "–"
        back = _beside(e.readmission_s, e.predicted, "readmission_s")
        evicted = _beside(e.eviction_s, e.predicted, "eviction_s")
        grid.add_row(e.haproxy, e.backend, failed, evicted, out, told(e.last_error_s), back)
    return grid


def _beside(measured: Seconds, predicted: Predicted, name: str) -> Text:
    """Return a figure with its predicted interval behind it, in brackets."""
    interval = foretold(predicted.get(name), measured)
    return Text.assemble(told(measured), (f" ({interval})" if interval else "", "dim"))


def _streams(verdict: Verdict) -> Table:
    grid = _grid("requests", "sent", "failed", "errors", "p50 ms", "p99 ms", "max ms")
    for name, s in verdict.streams.items():
        errors = ", ".join(f"{kind} {count}" for kind, count in s.errors.items()) or "–"
        grid.add_row(
            name,
            str(s.sent),
            f"{s.failed} ({s.error_rate:.1%})",
            errors,
            *(milliseconds(s.latency_ms[key]) for key in ("p50", "p99", "max")),
        )
    return grid


def _clients(verdict: Verdict) -> list[str]:
    said = [f"why requests failed: {_shares(verdict.blame)}"] if verdict.blame else []
    if verdict.haproxy_log is not None and verdict.haproxy_log.logged:
        log = verdict.haproxy_log
        said.append(f"haproxy's log: {log.agreed} of the {log.logged} that it logged went to a dead backend")
    if verdict.writes is not None:
        w = verdict.writes
        lost = "not read back" if w.lost is None else f"{w.lost} lost"
        said.append(f"writes: {w.acknowledged} acknowledged, {lost}, {w.rejected} rejected")
    if verdict.prober is not None and verdict.prober.lateness_ms_p99 is not None:
        said.append(f"prober: {verdict.prober.lateness_ms_p99:.2f} ms late (p99), {verdict.prober.cap_hits} cap hits")
    return said


def _shares(blame: dict[str, int]) -> str:
    total = sum(blame.values())
    return ", ".join(f"{name} {count} ({count / total:.1%})" for name, count in blame.items())


def _grid(*titles: str) -> Table:
    grid = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    for number, title in enumerate(titles):
        grid.add_column(title, justify="left" if number == 0 else "right", overflow="fold")
    return grid
