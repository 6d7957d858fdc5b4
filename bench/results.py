"""docs/results.md from stored campaigns: `python -m bench.results CAMPAIGN... > docs/results.md`.

A row a pair of scenario and profile: what the verdict was, each time; what was measured, from the least of all trials
to the greatest; and of what failed why, with the line that lint would have changed.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import inf
from pathlib import Path

from harness import catalogue, store
from harness.clock import Bounds, Measured, unended
from harness.verdict import Finding, Outcome, Verdict

HEAD = """# What each scenario shows

Made by `python -m bench.results` of {trials} trials, on {versions}. Seconds, from the least of a pair's trials to the
greatest, faults of a trial together. A verdict of *failed* is right where the configuration cannot do better: the last
column says why, and what `lint` would change. *Inconclusive* are trials in which the machine was too busy to tell.

| scenario | profile | verdict | VIP moved | clients dark | two owners | why it failed |
|---|---|---|---|---|---|---|"""
SAID = 170  # characters of a finding
PACKAGES = {"keepalived": "keepalived", "haproxy": "haproxy", "etcd": "etcd-server"}
ENDLESS = {"vip_migration_s": "stays", "blackout_s": "until healed", "dual_master_s": "until healed"}


def main(folders: Sequence[Path]) -> None:
    """Print the page."""
    pairs: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for folder in folders:
        for path in sorted(folder.rglob("verdict.json")):
            verdict = store.load_verdict(path.parent)
            pairs[verdict.scenario, verdict.profile].append(verdict)
    verdicts = [verdict for group in pairs.values() for verdict in group]
    known = verdicts[0].versions
    told = {name: known[package].rpartition(":")[2].partition("-")[0] for name, package in PACKAGES.items()}
    versions = ", ".join(f"{name} {version}" for name, version in told.items())
    print(HEAD.format(trials=len(verdicts), versions=versions))
    order = [name for names in catalogue.by_group().values() for name in names]
    for (scenario, profile), group in sorted(pairs.items(), key=lambda pair: (order.index(pair[0][0]), pair[0][1])):
        print(row(scenario, profile, group))


def row(scenario: str, profile: str, verdicts: Sequence[Verdict]) -> str:
    """Return a pair's row; trials that are in doubt count for the verdict alone."""
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    said = ", ".join(f"{outcome} {number}" for outcome, number in sorted(outcomes.items()))
    sure = [verdict for verdict in verdicts if verdict.outcome is not Outcome.INCONCLUSIVE]
    faults = [fault for verdict in sure for fault in verdict.faults]
    cells = [spread((getattr(f, name) for f in faults), endless) for name, endless in ENDLESS.items()]
    failed = next((f for v in sure for f in v.findings if f.outcome is Outcome.FAILED), None)
    return f"| `{scenario}` | `{profile}` | {said} | {' | '.join(cells)} | {reason(failed)} |"


def spread(measured: Iterable[Measured], endless: str) -> str:
    """Return the least and the greatest of some measures, each at its middle; nothing of what was not measured."""
    known = [inf if unended(one) else _middle(one) for one in measured if one is not None]
    if not known:
        return ""
    low, high = ((endless if end == inf else f"{end:.2f}") for end in (min(known), max(known)))
    return low if low == high else f"{low}–{high}"


def _middle(one: Bounds | float) -> float:
    return (one.min + one.max) / 2 if isinstance(one, Bounds) else one


def reason(finding: Finding | None) -> str:
    """Return what a finding says, and the line that lint would have."""
    if finding is None:
        return ""
    said = finding.message if len(finding.message) < SAID else f"{finding.message[:SAID].rsplit(' ', 1)[0]} …"
    fixes = [f"; {because.rule}: `{because.fix.strip()}`" for because in finding.because[:1] if because.fix]
    return f"{finding.check}: {said}{''.join(fixes)}".replace("|", "\\|")


if __name__ == "__main__":
    main([Path(word) for word in sys.argv[1:]])
