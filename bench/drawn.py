"""`kill -9` of haproxy on drawn configurations, in real labs, beside what was predicted for each: `make bench-agree`.

They are drawn as the property tests draw theirs (`tests/predict/generated.py`), from a seed, so that a run can be had
again. What a trial shows lies inside its prediction, or the trial says why it tells nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from rich.console import Console

from harness import catalogue, store
from harness.campaign import Series
from harness.chain.chain import Chain
from harness.chain.rest import home
from harness.figures import told, told_interval
from harness.lab import engine
from harness.predict.migration import Stays
from harness.predict.timers import Timers
from harness.pytest_plugin import beyond_doubt
from harness.report import formats
from harness.runner import Turn
from harness.verdict import Finding, Outcome, Verdict
from tests.predict.generated import Drawn, drawn

SCENARIO = "kill-haproxy"
MANY = 30  # drawn for each that is taken: Hypothesis makes some of its examples by changing others a little
out = Console(width=160, highlight=False)


def main() -> None:
    """Run a trial of each configuration, print a line for each, and fail where one lies outside its prediction."""
    parser = argparse.ArgumentParser(prog="drawn", description=__doc__)
    parser.add_argument("--configurations", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    words = parser.parse_args()
    folder, campaign = store.new_campaign(words.reports)
    store.save_campaign(folder, campaign)
    series = Series(folder, engine.find(out.log))
    scenario = catalogue.find(SCENARIO)
    outcomes: list[str] = []
    for number, one in enumerate(configurations(words.configurations, words.seed), 1):
        profile = replace(one.profile, name=f"drawn-{words.seed}-{number:02}")
        verdict = beyond_doubt(series, Turn(SCENARIO, scenario, profile), lambda text: None)
        outcomes.append(became(verdict))
        out.print(f"{profile.name}  {outcomes[-1]:<12} {beside(Timers(profile).chain, verdict)}")
    out.print(
        f"{formats.write(folder)}: " + ", ".join(f"{outcomes.count(kind)} {kind}" for kind in sorted(set(outcomes)))
    )
    sys.exit("outside" in outcomes)


def configurations(count: int, number: int) -> list[Drawn]:
    """Return so many configurations, the same for the same seed: each with another check, or its
    weight on the other side of 0; in half of them the VIP is predicted to move.
    """
    found: dict[tuple[str, int], Drawn] = {}
    once = settings(max_examples=MANY * count, database=None, phases=[Phase.generate], deadline=None)

    @seed(number)
    @settings(once, suppress_health_check=list(HealthCheck))
    @given(drawn())
    def collect(one: Drawn) -> None:
        found.setdefault((one.check, (one.weight > 0) - (one.weight < 0)), one)

    collect()
    moves = [one for one in found.values() if not isinstance(one.losing_its_proxy.move, Stays)]
    stays = [one for one in found.values() if isinstance(one.losing_its_proxy.move, Stays)]
    return [*moves[: count // 2], *stays[: count - count // 2]]


def became(verdict: Verdict) -> str:
    """Say where a trial lies: inside its prediction, outside, or nowhere, as it was in doubt or never steady."""
    within = [f for f in verdict.findings if f.check == "WithinPrediction"]
    if not within:
        return "not steady"
    if verdict.doubted or any(f.outcome is Outcome.INCONCLUSIVE and f.measured is None for f in within):
        return "in doubt"
    return "inside" if all(f.outcome is Outcome.PASSED for f in within) else "outside"


def beside(chain: Chain, verdict: Verdict) -> str:
    """Return the owner's failover as it was predicted and as it came, or what kept it from coming."""
    for fault in verdict.faults:
        if predicted := fault.predicted.get("vip_migration_s"):
            figures = f"predicted {told_interval(predicted)}, measured {told(fault.vip_migration_s)}"
            return f"{home(chain)}: {figures}; {_worst(verdict.findings)}"
    return _worst(verdict.findings)


def _worst(findings: Sequence[Finding]) -> str:
    found = [f for f in findings if f.check == "WithinPrediction"] or findings
    return found[0].message if found else ""


if __name__ == "__main__":
    main()
