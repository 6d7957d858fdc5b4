"""What a profile's own timers imply, as tables to read and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from math import inf
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.model.expected import Expected
from harness.model.foresight import Foresight
from harness.model.migration import Migration
from harness.model.outlook import Outlook
from harness.model.setting import Setting
from harness.profile.where import Where

# The order of reading; what is nothing but at once is left out of the tables, not of the JSON.
ROWS = {
    "vip_migration_s": "VIP migration",
    "verdict_s": "· the check has failed",
    "detection_s": "· detection, an advert says so",
    "election_s": "· election",
    "no_master_s": "nobody has the VIP",
    "blackout_s": "blackout",
    "client_fresh_s": "· a connection dialled meanwhile",
    "client_kept_s": "· a connection in use ends",
    "client_watch_s": "· an idle watch ends",
    "write_gap_s": "etcd without a leader",
    "write_refusal_s": "a write is refused",
    "astray_s": "a connection sent to {}",
    "first_failed_check_s": "first failed check of {}",
    "eviction_s": "{} evicted",
    "readmission_s": "{} readmitted, from healing",
    "failback_s": "failback, from healing",
    "recovery_s": "the last failed request, from healing",
}


def table(outlook: Outlook) -> RenderableType:
    """Return all of it for a terminal."""
    parts: list[RenderableType] = []
    shown: list[tuple[Foresight, str]] = []
    for name, faults in outlook.scenarios.items():
        parts += [Text(f"\n{name} on {outlook.profile}", "bold")]
        for fault in faults:
            found = fault.foresight
            if found is None:
                parts.append(Text(f"{fault.fault} on {fault.node}: the model does not know what this does", "yellow"))
            elif before := next((scenario for same, scenario in shown if same == found), None):
                parts.append(Text(f"{_named(found)}: as in {before}", "dim"))
            else:
                shown.append((found, name))
                parts += _fault(found, outlook.folder)
    if outlook.others:
        owner = outlook.others[0].standing.owner
        parts += [Text(f"\nwhat no scenario does yet, on {owner}, which has the VIP", "bold")]
        parts.append(_others(outlook.others, outlook.folder))
    return Group(*parts, Text("\nthe one setting to change, on every node", "bold"), _changes(outlook))


def _fault(found: Foresight, folder: Path) -> Iterator[RenderableType]:
    yield Text.assemble(f"{_named(found)}: ", (found.move.why, "" if _fine(found) else "red"))
    grid = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("seconds", "best", "worst", "p5", "p50", "p95", "follows from"):
        grid.add_column(title, justify="left" if title in ("seconds", "follows from") else "right")
    for title, expected in _rows(found):
        grid.add_row(title, *_numbers(expected), _because(expected, folder, found.move.why))
    yield grid


def _named(found: Foresight) -> str:
    node, owner = found.failure.node, found.standing.owner
    role = "VIP owner" if node == owner else f"the VIP is on {owner}"
    return str(replace(found.failure, node=f"{node} ({role})"))


def _fine(found: Foresight) -> bool:
    """Say whether the VIP does what it should."""
    return isinstance(found.move, Migration) or not found.move.wrong


def _rows(found: Foresight) -> Iterator[tuple[str, Expected]]:
    """Yield what is worth a line, in the order of reading; the same of several haproxies once."""
    for name, title in ROWS.items():
        expected = found.measures.get(name)
        if expected is not None and not _trivial(expected) and (name != "vip_migration_s" or not _at_ease(found)):
            yield title, expected
        rows = [(node, server, row[name]) for (node, server), row in found.evictions.items() if name in row]
        for (server, _), same in groupby(rows, key=lambda one: (one[1], one[2].bounds)):
            group = list(same)
            nodes = ", ".join(node for node, _, _ in group)
            yield f"{title.format(server)} ({nodes})", group[0][2]


def _at_ease(found: Foresight) -> bool:
    """Say whether the VIP stays, and rightly."""
    return not isinstance(found.move, Migration) and not found.move.wrong


def _trivial(expected: Expected) -> bool:
    return expected.bounds is not None and expected.bounds.max == 0 and not expected.why


def _numbers(expected: Expected) -> tuple[Text | str, ...]:
    if expected.bounds is None:
        return "", Text("until healed" if expected.lasts else "never", "red"), "", "", ""
    shares = expected.shares_s if expected.shares_s and expected.bounds.min < expected.bounds.max else None
    middle = [f"{share:.2f}" for share in shares] if shares else ["", "", ""]
    return f"{expected.bounds.min:.2f}", Text(f"{expected.bounds.max:.2f}", "bold"), *middle


def _because(expected: Expected, folder: Path, said: str) -> Text:
    """Return the settings, dimmed, behind what there is to say; not what the headline has said already."""
    why = "" if expected.why == said else expected.why
    cited = cite(expected.settings, folder)
    return Text.assemble(why, "; " if why and cited else "", (cited, "dim"))


def cite(settings: Sequence[Setting], folder: Path) -> str:
    """Return settings with their places, a file named once: "m1/keepalived.conf:7 interval 3, :5 fall 1"."""
    told = []
    for path, group in groupby(dict.fromkeys(settings), key=lambda setting: setting.where.path):
        told.append(_short(path, folder) + ", ".join(f":{one.where.line} {one.text}" for one in group))
    return "; ".join(told)


def place(where: Where, folder: Path) -> str:
    """Return a place as a user would type it, inside the profile's folder."""
    return f"{_short(where.path, folder)}:{where.line}"


def _short(path: str, folder: Path) -> str:
    _, found, inside = f"/{path}".rpartition(f"/{folder.name}/")
    return inside if found else path


def _others(others: Sequence[Foresight], folder: Path) -> Table:
    grid = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("what fails", "the VIP moves", "clients dark", "evicted", "because"):
        grid.add_column(title)
    for found in others:
        dark = found.measures["blackout_s"]
        rows = [row["eviction_s"] for row in found.evictions.values() if "eviction_s" in row]
        moves = found.measures["vip_migration_s"]
        astray = [row["astray_s"].why for row in found.evictions.values() if "astray_s" in row]
        why = [found.move.why, *dict.fromkeys([*(row.why for row in rows if row.bounds is None), *astray])]
        grid.add_row(
            str(found.failure),
            "stays" if _at_ease(found) else _span(moves),
            _span(dark),
            _span(rows[0]) if rows else "–",
            Text("; ".join(why), "dim"),
        )
    return grid


def _span(expected: Expected) -> Text:
    if expected.bounds is None:
        return Text("until healed" if expected.lasts else "never", "red")
    low, high = expected.bounds.min, expected.bounds.max
    return Text("no" if high == 0 else f"{low:.2f}" if low == high else f"{low:.2f}–{high:.2f}")


def _changes(outlook: Outlook) -> Table:
    grid = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("in the worst case", "s", "change", "where", "s then", "gain s"):
        grid.add_column(title, justify="right" if title in ("s", "s then", "gain s") else "left")
    for change in outlook.changes:
        before = Text("never", "red") if change.before_s == inf else f"{change.before_s:.2f}"
        if change.setting is None:
            grid.add_row(change.measure, before, Text("no one setting does more", "dim"))
            continue
        gain = "it comes about" if change.before_s == inf else f"{change.before_s - change.after_s:.2f}"
        what = Text.assemble(change.setting.text, " → ", (change.becomes, "bold"))
        where = Text(place(change.setting.where, outlook.folder), "dim")
        grid.add_row(change.measure, before, what, where, f"{change.after_s:.2f}", gain)
    return grid


def plain(outlook: Outlook) -> dict[str, Any]:
    """Return all of it as JSON data: a time that never comes about is null, and `why` says why."""
    return {
        "profile": outlook.profile,
        "scenarios": {
            name: [
                {"fault": one.fault, "node": one.node, "predicted": one.foresight and _plain(one.foresight)}
                for one in faults
            ]
            for name, faults in outlook.scenarios.items()
        },
        "others": [{"failure": str(one.failure), "predicted": _plain(one)} for one in outlook.others],
        "changes": [
            {
                "measure": one.measure,
                "worst_s": _finite(one.before_s),
                "setting": one.setting and _setting(one.setting),
                "becomes": one.becomes or None,
                "worst_s_then": _finite(one.after_s),
            }
            for one in outlook.changes
        ],
    }


def _plain(found: Foresight) -> dict[str, Any]:
    heirs = sorted(found.move.heirs) if isinstance(found.move, Migration) else []
    return {
        "owner": found.standing.owner,
        "alive": list(found.standing.alive),
        "heirs": heirs,
        "why": found.move.why,
        "measures": {name: _expected(one) for name, one in found.measures.items()},
        "evictions": [
            {"balancer": node, "backend": server} | {name: _expected(one) for name, one in row.items()}
            for (node, server), row in found.evictions.items()
        ],
    }


def _expected(one: Expected) -> dict[str, Any]:
    shares = dict(zip(("p5", "p50", "p95"), one.shares_s, strict=True)) if one.shares_s else {}
    return {
        "min": round(one.bounds.min, 6) if one.bounds else None,
        "max": round(one.bounds.max, 6) if one.bounds else None,
        "never": one.bounds is None and not one.lasts,
        "until_healed": one.lasts,
        **{name: round(share, 6) for name, share in shares.items()},
        "why": one.why,
        "settings": [_setting(setting) for setting in one.settings],
    }


def _setting(setting: Setting) -> dict[str, str]:
    return {"setting": setting.text, "where": str(setting.where)}


def _finite(seconds: float) -> float | None:
    return None if seconds == inf else round(seconds, 6)
