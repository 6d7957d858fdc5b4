"""What a stored series says of theory: `python -m bench.series CAMPAIGN`.

How many of its trials lie in their predicted intervals, and whether measured VIP migrations look like draws from the
simulation: by the Kolmogorov–Smirnov test of each pair, and of all together, each migration taken as the share of
simulated ones that are shorter, which is uniform where both agree.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.ks import agreement
from harness import assets, catalogue, store
from harness.clock import Bounds
from harness.errors import UsageError
from harness.judge import judge
from harness.profile.folder import find, load
from harness.simulate.assumed import QUIET_LAB
from harness.simulate.simulate import played
from harness.verdict import Outcome, Verdict

SIMULATED = 4000
SEED = 1
A_LAB = replace(QUIET_LAB, together=True)
Pair = tuple[str, str]  # profile, scenario


def main(folder: Path) -> None:
    """Judge every trial of a campaign anew where its history is at hand, and print the two tables."""
    verdicts: dict[Pair, list[Verdict]] = defaultdict(list)
    for path in sorted(folder.rglob("verdict.json")):
        stored = (path.parent / "spec.json").exists()
        judged = judge(path.parent) if stored else store.load_verdict(path.parent)
        verdicts[judged.profile, judged.scenario].append(judged)
    out = Console(width=150)
    out.print(predicted(verdicts))
    out.print(simulated(verdicts))


def predicted(verdicts: dict[Pair, list[Verdict]]) -> Table:
    """Return, pair by pair, how many trials lie inside what was predicted for them."""
    grid = Table(
        "profile", "scenario", "trials", "inside", "outside", "in doubt", "the first that lies outside", box=None
    )
    sums = [0, 0, 0, 0]
    for pair, trials in sorted(verdicts.items()):
        found = [next((f for f in v.findings if f.check == "WithinPrediction"), None) for v in trials]
        doubted = sum(any(f.check == "Validity" for f in v.findings) for v in trials)
        inside = sum(f is not None and f.outcome is Outcome.PASSED for f in found)
        outside = len(trials) - inside - doubted
        bad = [
            f.message for v in trials for f in v.findings if f.check == "WithinPrediction" and "predicted" in f.message
        ]
        first = next((m for m in bad if "none outside" not in m and "in doubt" not in m), "")
        grid.add_row(*pair, *map(str, (len(trials), inside, outside, doubted)), first)
        sums = [a + b for a, b in zip(sums, (len(trials), inside, outside, doubted), strict=True)]
    grid.add_row("all", "", *map(str, sums), f"{sums[1] / max(1, sums[1] + sums[2]):.1%} of those not in doubt")
    return grid


def simulated(verdicts: dict[Pair, list[Verdict]]) -> Table:
    """Return, pair by pair and over all, how likely measured migrations are as draws from the simulation."""
    grid = Table("profile", "scenario", "fault", "n", "measured s", "simulated s", "distance", "p", box=None)
    ranks: dict[str, list[float]] = defaultdict(list)
    for pair, trials in sorted(verdicts.items()):
        scenario = catalogue.find(pair[1])
        try:
            profile = load(find(pair[0], assets.PROFILES))
            samples = played(scenario, profile, SIMULATED, SEED, assumed=A_LAB)
        except UsageError as error:
            grid.add_row(*pair, "", "", str(error))
            continue
        for number in range(max(len(v.faults) for v in trials)):
            measured = [m for v in trials if len(v.faults) > number and (m := migration(v, number)) is not None]
            drawn = samples.vip_migration_s(number)
            if not measured or not drawn:
                continue
            found = agreement(measured, drawn)
            spans = [f"{min(x):.2f}–{max(x):.2f}" for x in (measured, drawn)]
            grid.add_row(*pair, str(number + 1), str(found.n), *spans, f"{found.distance:.2f}", f"{found.p:.2f}")
            if max(drawn) < float("inf"):
                ranks[pair[1]] += [(bisect_left(drawn, m) + bisect_right(drawn, m)) / 2 / len(drawn) for m in measured]
    even = [(n + 0.5) / 10_000 for n in range(10_000)]
    for name, shares in [*ranks.items(), ("all", [r for rs in ranks.values() for r in rs])]:
        if shares:
            found = agreement(shares, even)
            grid.add_row("all", name, "", str(found.n), "", "", f"{found.distance:.3f}", f"{found.p:.3f}")
    return grid


def migration(verdict: Verdict, number: int) -> float | None:
    """Return the middle of a fault's measured migration, infinity where it never came; None where in doubt."""
    if any(f.check == "Validity" for f in verdict.findings):
        return None
    match verdict.faults[number].vip_migration_s:
        case Bounds(min=least, max=most):
            return (least + most) / 2
        case point:
            return point


if __name__ == "__main__":
    main(Path(sys.argv[1]))
