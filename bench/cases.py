"""`kill-haproxy` on every case that people really have, in labs, beside its prediction: `make bench-cases`.

What is refused is refused with its reason; what never becomes steady says why; all else lies inside its prediction.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from bench.drawn import SCENARIO, became, beside
from harness import catalogue, store
from harness.campaign import Series
from harness.chain.chain import Chain
from harness.errors import HarnessError
from harness.lab import engine
from harness.profile.folder import load
from harness.pytest_plugin import beyond_doubt
from harness.report import formats
from harness.runner import Turn

CASES = Path(__file__).parents[1] / "tests/cases"
out = Console(width=240, highlight=False)


def main() -> None:
    """Run a trial of each case, print a line for each, and fail where one lies outside its prediction."""
    parser = argparse.ArgumentParser(prog="cases", description=__doc__)
    parser.add_argument("cases", nargs="*", help="the beginnings of their names; all where none is given")
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    words = parser.parse_args()
    folder, campaign = store.new_campaign(words.reports)
    store.save_campaign(folder, campaign)
    series, told = Series(folder, engine.find(out.log)), list[str]()
    for case in sorted(path for path in CASES.iterdir() if path.is_dir() and path.name[0] in "fr"):
        if words.cases and not case.name.startswith(tuple(words.cases)):
            continue
        kind, line = tried(series, case)
        told.append(kind)
        out.print(f"{case.name:<38} {kind:<10} {line}")
    out.print(f"{formats.write(folder)}: " + ", ".join(f"{told.count(kind)} {kind}" for kind in sorted(set(told))))
    sys.exit("outside" in told)


def tried(series: Series, case: Path) -> tuple[str, str]:
    """Return what came of a case, in a word and in a line."""
    try:
        profile = load(case)
        verdict = beyond_doubt(series, Turn(SCENARIO, catalogue.find(SCENARIO), profile), lambda text: None)
    except HarnessError as error:
        return "refused", str(error).splitlines()[0]
    return became(verdict), beside(Chain(profile), verdict)


if __name__ == "__main__":
    main()
