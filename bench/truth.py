"""How narrow the bounds of each kind of figure are, and whether they hold the truth: `make bench-truth` (3 minutes).

The deeds of known length are those of `tests/truth`, whose tests ask the same but for the widths: these are the
machine's as much as the harness' own.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from harness import assets
from harness.analysis.outside import asked
from harness.clock import Bounds, Measured
from harness.events import Probe
from harness.lab import engine
from harness.profile import folder as profiles
from tests.truth import figures
from tests.truth.cases import Truth
from tests.truth.play import play

out = Console(width=110)


@dataclass(frozen=True)
class Row:
    """One kind of figure: its widths in seconds, how many hold the truth, and how wide half of them may be."""

    what: str
    widths_s: list[float]
    held: int
    aim_s: float

    @property
    def good(self) -> bool:
        return self.held == len(self.widths_s) and statistics.median(self.widths_s) <= self.aim_s


def main() -> None:
    """Print every kind's widths; fail where one does not hold the truth, or half are wider than is aimed for."""
    client = engine.find(out.log)
    rows = measured(play(client, profiles.load(profiles.find("article", assets.PROFILES))))
    table = Table(
        "what", "cases", "hold the truth", "width, ms", "median", "aim", "within", box=None, padding=(0, 2, 0, 0)
    )
    for row in rows:
        ms = [1000 * s for s in row.widths_s]
        within = sum(s <= row.aim_s for s in row.widths_s)
        span, half, aim = f"{min(ms):.1f}–{max(ms):.1f}", f"{statistics.median(ms):.1f}", f"{1000 * row.aim_s:g}"
        table.add_row(row.what, str(len(ms)), str(row.held), span, half, aim, f"{within} of {len(ms)}")
    out.print(table)
    sys.exit(not all(row.good for row in rows))


def measured(truth: Truth) -> list[Row]:
    """Return a row for each request stream and for each number of owners."""
    rows = []
    for stream in ("fresh", "kept"):
        probes = list(truth.history.of(Probe, stream=stream))
        lengths = [figures.unanswered_ns(probes, case) for case in truth.of("drop")]
        found = [figures.blackout(probes, case) for case in truth.of("drop")]
        rows.append(_row(f"blackout, {stream} stream", found, lengths, figures.STREAM_S))
    seen = asked(truth.history)
    for kind, what in (("gap", "nobody has the VIP"), ("dual", "two have it")):
        cases = truth.of(kind)
        rows.append(_row(what, [figures.owners(seen, c) for c in cases], [c.truth_ns for c in cases], figures.OWNER_S))
    return rows


def _row(what: str, found: Sequence[Measured], lengths: Sequence[tuple[int, int]], aim_s: float) -> Row:
    bounds = [one for one in found if isinstance(one, Bounds)]
    held = sum(
        isinstance(one, Bounds) and figures.holds(one, length) for one, length in zip(found, lengths, strict=True)
    )
    return Row(what, [one.max - one.min for one in bounds], held, aim_s)


if __name__ == "__main__":
    main()
