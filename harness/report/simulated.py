"""Simulated distributions as tables in the terminal, and as plain data."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from harness.report.layout import Fitting, Paragraph, Rows
from harness.simulate.assumed import Assumed
from harness.simulate.measures import Key
from harness.simulate.samples import Distribution, Samples

TITLES = {
    "vip_migration_s": "VIP migration",
    "detection_s": "· detection",
    "election_s": "· election",
    "assign_s": "· assignment",
    "blackout_s": "blackout",
    "lost_s": "seconds' worth of requests lost",
    "kept_stall_s": "kept connection, busy: until reset",
    "no_master_s": "no master",
    "dual_master_s": "dual master",
    "failback_s": "failback",
    "eviction_s": "eviction",
    "readmission_s": "readmission",
}
QUIET = ("no_master_s", "dual_master_s", "lost_s")  # not shown where always nothing
BLOCKS = " ▁▂▃▄▅▆▇█"
BINS = 12


def table(scenario: str, profile: str, samples: Samples, seed: int) -> RenderableType:
    """Return every measure's distribution, fault by fault; of what applies to some trials only, with their share."""
    head = Text.assemble((f"{scenario} on {profile}", "bold"), f": {samples.trials} simulated trials, seed {seed}")
    parts: list[RenderableType] = ["", Paragraph(head)]
    for index in sorted(samples.faults):
        parts += ["", Paragraph(_what_happened(samples, index), hang=2), _distributions(samples, index)]
    parts += ["", Paragraph(_rate(samples), hang=2)]
    if samples.broken_off:
        parts.append(Paragraph(f"{samples.broken_off} trials broke off: no node fitted the next fault", hang=2))
    if samples.by_effect:
        deeds = ", ".join(sorted(samples.by_effect))
        parts.append(Paragraph(f"{deeds}: played by its fault's effect, as the model knows no such deed", hang=2))
    return Group(*parts)


def plain(scenario: str, profile: str, samples: Samples, seed: int, assumed: Assumed) -> dict[str, Any]:
    """Return the same as data: seconds, null for what never came; histograms of equal bins over what came."""
    return {
        "scenario": scenario,
        "profile": profile,
        "trials": samples.trials,
        "seed": seed,
        "broken_off": samples.broken_off,
        "by_effect": sorted(samples.by_effect),
        "faults": [
            {
                "fault": name,
                "nodes": dict(samples.struck[index].most_common()),
                "new_owners": dict(samples.moved.get(index, Counter()).most_common()),
                "measures": {k.name: _figures(samples.distribution(k)) for k in _of(samples, index) if not k.haproxy},
                "evictions": [
                    {"haproxy": k.haproxy, "backend": k.backend, "measure": k.name} | _figures(samples.distribution(k))
                    for k in _of(samples, index)
                    if k.haproxy
                ],
            }
            for index, name in sorted(samples.faults.items())
        ],
        "error_rate": _figures(samples.distribution(Key(None, "error_rate"))),
        "assumed": asdict(assumed),
    }


def _of(samples: Samples, index: int) -> list[Key]:
    mine = (key for key in samples.values if key.fault == index)
    return sorted(mine, key=lambda k: (list(TITLES).index(k.name), k.haproxy, k.backend))


def _figures(d: Distribution) -> dict[str, Any]:
    told = {"min": d.least, "p5": d.p5, "p50": d.p50, "p95": d.p95, "max": d.most, "mean": d.mean}
    finite = {name: None if math.isinf(value) else round(value, 6) for name, value in told.items()}
    return {"n": d.n, "never": d.never, **finite, "histogram": d.counts}


def _what_happened(samples: Samples, index: int) -> Text:
    """Return a fault's headline: whom it hit, and where the VIP went, if it was there at all."""
    said = Text.assemble((samples.faults[index], "bold"), f" on {_shares(samples.struck[index], samples.trials)}")
    migration = samples.vip_migration_s(index)
    if not migration:
        return said.append("; the VIP was elsewhere")
    went = samples.moved.get(index, Counter())
    if went:
        said.append(f"; the VIP went to {_shares(went, len(migration))}")
    stayed = migration.count(math.inf)
    if stayed:
        said.append(f"; it never moved in {_percent(stayed, len(migration))} of the trials", "bold red")
    return said


def _shares(counted: Counter[str], total: int) -> str:
    if len(counted) == 1 and counted.total() == total:
        return next(iter(counted))
    return ", ".join(f"{name} ({_percent(count, total)})" for name, count in counted.most_common())


def _percent(part: int, total: int) -> str:
    """Return a share that says 100 % and 0 % only of all and of none."""
    share = 100 * part / total
    return f"{share:.0f} %" if part in (0, total) else f"{min(max(share, 0.01), 99.99):.2f} %"


def _distributions(samples: Samples, index: int) -> Fitting:
    """Return the figures of each measure, with a histogram where there is room for one."""
    found = {key: samples.distribution(key, BINS) for key in _of(samples, index)}
    shown = {key: d for key, d in found.items() if key.name not in QUIET or d.most or d.never}
    return Fitting([[_rows(shown, samples.trials, with_histogram)] for with_histogram in (True, False)])


def _rows(shown: dict[Key, Distribution], trials: int, with_histogram: bool) -> Rows:
    titles = ("seconds", "min", "p5", "p50", "p95", "max", "mean")
    grid = Rows((*titles, "min … max") if with_histogram else titles, note="how often", align="<>>>>>><")
    for key, d in shown.items():
        where = f" of {key.backend} by {key.haproxy}" if key.haproxy else ""
        figures = (_digits(value) for value in (d.least, d.p5, d.p50, d.p95, d.most, d.mean))
        often = [f"in {_percent(d.n, trials)} of the trials"] if d.n < trials else []
        often += [f"not seen in {_percent(d.never, d.n)} of {'them' if often else 'the trials'}"] if d.never else []
        picture = [drawn(d.counts)] if with_histogram else []
        grid.add(TITLES[key.name] + where, *figures, *picture, note=Text(", ".join(often), "dim"))
    return grid


def _rate(samples: Samples) -> str:
    d = samples.distribution(Key(None, "error_rate"))
    return f"of the whole trial's fresh requests {d.p50:.1%} failed (p5 {d.p5:.1%}, p95 {d.p95:.1%}, most {d.most:.1%})"


def _digits(value: float) -> str:
    if math.isinf(value):
        return "∞"
    return "0" if value == 0 else f"{value:.4f}" if value < 0.01 else f"{value:.3f}"


def drawn(counts: Iterable[int]) -> str:
    """Return a histogram in one line of text; a bin that is not empty always shows."""
    bins = list(counts)
    most = max(bins, default=0)
    return "".join(BLOCKS[-(-8 * count // most)] if count else " " for count in bins) if len(bins) > 1 else ""
