"""What a profile's own timers imply, as tables to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from math import inf
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from harness.chain.setting import Setting
from harness.predict.interval import Predicted
from harness.predict.migration import Migration
from harness.predict.prediction import Prediction
from harness.predict.predictions import Predictions
from harness.predict.walk import UNTOLD, PredictedFault
from harness.profile.where import Where
from harness.report.layout import Paragraph, Rows

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
    "misrouted_s": "a connection sent to {}",
    "first_failed_check_s": "first failed check of {}",
    "eviction_s": "{} evicted",
    "readmission_s": "{} readmitted, from healing",
    "warmup_s": "{} has its whole share, from UP",
    "failback_s": "failback, from healing",
    "recovery_s": "the last failed request, from healing",
}
CLIENTS = {
    "h2": "an HTTP/2 client dark",
    "own": "a client on the owner itself dark",
    "watch": "a watch believed in",
    "renewed": "no news of a watch",
}


def table(predictions: Predictions) -> RenderableType:
    """Return all of it for a terminal."""
    parts: list[RenderableType] = []
    shown: list[tuple[Prediction, str]] = []
    if predictions.equals[1:]:
        parts += ["", Paragraph(Text(_tied(predictions.equals), "yellow"), hang=2)]
    for name, faults in predictions.scenarios.items():
        parts += ["", Text(f"{name} on {predictions.profile}", "bold")]
        parts += scenario(name, faults, predictions.folder, shown)
    if predictions.others:
        parts += ["", Text(f"what else may fail, on {_where(predictions.others)}", "bold")]
        parts.append(_others(predictions.others))
    parts += ["", *(Paragraph(Text(one, "dim"), hang=2) for one in predictions.scripts)]
    return Group(*parts, "", Text("the one setting to change, on every node", "bold"), _changes(predictions))


def scenario(
    name: str, faults: Sequence[PredictedFault], folder: Path, shown: list[tuple[Prediction, str]]
) -> Iterator[RenderableType]:
    """Yield what is predicted of a scenario's faults; `shown` are those that stand above already, and where."""
    for fault in faults:
        found = fault.prediction
        if found is None:
            unknown = "who that is" if fault.node == UNTOLD else "what this does"
            beside = f" beside {fault.beside}" if fault.beside else ""
            said = f"{fault.fault} on {fault.node}: the model does not know {unknown}{beside}"
            yield Paragraph(Text(said, "yellow"), hang=2)
        elif before := next((scenario for same, scenario in shown if same == found), None):
            yield Paragraph(Text(f"{_named(found)}: as in {before}", "dim"), hang=2)
        else:
            shown.append((found, name))
            yield from _fault(found, folder)


def _fault(found: Prediction, folder: Path) -> Iterator[RenderableType]:
    said = Text.assemble(f"{_named(found)}: ", (found.move.why, "" if _fine(found) else "red"))
    yield Paragraph(said, hang=2)
    if found.unserved and found.unserved != found.move.why:
        yield Paragraph(Text(f"no client is served, before or after: {found.unserved}", "red"), hang=2)
    if found.depends:
        yield Paragraph(Text(f"whether it moves at all depends: {found.depends}", "yellow"), hang=2)
    grid = Rows(("seconds", "best", "worst", "p5", "p50", "p95"), note="what they follow from")
    for title, predicted in _rows(found):
        grid.add(title, *_numbers(predicted), note=_because(predicted, folder, found.move.why))
    yield grid


def _tied(equals: Sequence[str]) -> str:
    first = f"which of them was first has the VIP, and keeps it; what follows is said of {equals[0]}"
    return f"{' and '.join(equals)} are equally strong: {first}"


def _where(others: Sequence[Prediction]) -> str:
    """Return the nodes that these failures are on, by what each is."""
    owner = others[0].standing.owner
    nodes = [node for node in dict.fromkeys(one.failure.node for one in others) if node != owner]
    if owner is None:
        return f"{' and '.join(nodes)}, while nobody has the VIP"
    return ", and on ".join([f"{owner}, which has the VIP", *(f"{node}, a master" for node in sorted(nodes))])


def _named(found: Prediction) -> str:
    node, owner = found.failure.node, found.standing.owner
    elsewhere = f"the VIP is on {owner}" if owner else "nobody has the VIP"
    role = "VIP owner" if node == owner else elsewhere
    return str(replace(found.failure, node=f"{node} ({role})"))


def _fine(found: Prediction) -> bool:
    """Say whether the VIP does what it should."""
    return isinstance(found.move, Migration) or not found.move.wrong


def _rows(found: Prediction) -> Iterator[tuple[str, Predicted]]:
    """Yield what is worth a line, in the order of reading; the same of several haproxies once."""
    for name, title in ROWS.items():
        predicted = found.measures.get(name)
        said = (name == "vip_migration_s" and _at_ease(found)) or (name == "blackout_s" and found.unserved)
        if predicted is not None and not _trivial(predicted) and not said:
            yield title, predicted
        rows = [(node, server, row[name]) for (node, server), row in found.evictions.items() if name in row]
        for (server, _), same in groupby(rows, key=lambda one: (one[1], one[2].bounds)):
            group = list(same)
            nodes = ", ".join(node for node, _, _ in group)
            yield f"{title.format(server)} ({nodes})", group[0][2]
    for _, of in groupby(found.clients.items(), key=lambda one: (one[0][0], one[1])):
        served = list(of)
        if not _trivial(served[0][1]):
            title = CLIENTS[served[0][0][0]]
            yield f"{title} ({', '.join(node for (_, node), _ in served)})", served[0][1]


def _at_ease(found: Prediction) -> bool:
    """Say whether the VIP stays, and rightly."""
    return not isinstance(found.move, Migration) and not found.move.wrong


def _trivial(predicted: Predicted) -> bool:
    return predicted.bounds is not None and predicted.bounds.max == 0 and not predicted.why


def _numbers(predicted: Predicted) -> tuple[Text | str, ...]:
    if predicted.bounds is None:
        return "", Text(predicted.ends, "red"), "", "", ""
    shares = predicted.shares_s if predicted.shares_s and predicted.bounds.min < predicted.bounds.max else None
    middle = [f"{share:.2f}" for share in shares] if shares else ["", "", ""]
    worst = Text.assemble((_told(predicted.bounds.max), "bold"), (_or(predicted), "yellow"))
    return f"{predicted.bounds.min:.2f}", worst, *middle


def _told(seconds: float) -> str:
    return "any time" if seconds == inf else f"{seconds:.2f}"


def _or(predicted: Predicted) -> str:
    return f" or {predicted.otherwise}" if predicted.otherwise else ""


def _because(predicted: Predicted, folder: Path, said: str) -> Text:
    """Return the settings, dimmed, behind what there is to say; not what the headline has said already."""
    why = "" if predicted.why == said else predicted.why
    cited = cite(predicted.settings, folder)
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


def _others(others: Sequence[Prediction]) -> Rows:
    grid = Rows(("what fails", "the VIP moves", "clients dark", "evicted"), note="why")
    for found in others:
        dark = found.measures["blackout_s"]
        rows = [row["eviction_s"] for row in found.evictions.values() if "eviction_s" in row]
        moves = found.measures["vip_migration_s"]
        misrouted = [row["misrouted_s"].why for row in found.evictions.values() if "misrouted_s" in row]
        why = [
            found.move.why,
            *(one for one in (found.depends, found.unserved) if one and one != found.move.why),
            *dict.fromkeys([*(row.why for row in rows if row.bounds is None), *misrouted]),
        ]
        grid.add(
            str(found.failure),
            "stays" if _at_ease(found) else _span(moves),
            Text("always", "red") if found.unserved else _span(dark),
            _span(rows[0]) if rows else "–",
            note=Text("; ".join(why), "dim"),
        )
    return grid


def _span(predicted: Predicted) -> Text:
    if predicted.bounds is None:
        return Text(predicted.ends, "red")
    low, high = predicted.bounds.min, predicted.bounds.max
    span = "no" if high == 0 else f"{low:.2f}" if low == high else f"{low:.2f}–{_told(high)}"
    return Text.assemble(span, (_or(predicted), "yellow"))


def _changes(predictions: Predictions) -> Rows:
    grid = Rows(("in the worst case", "s", "s then", "gain s"), note="what to change")
    for change in predictions.changes:
        before = Text("never", "red") if change.before_s == inf else f"{change.before_s:.2f}"
        if change.setting is None:
            grid.add(change.measure, before, note=Text("none of the settings that were tried does more", "dim"))
            continue
        gain = "it comes about" if change.before_s == inf else f"{change.before_s - change.after_s:.2f}"
        where = (place(change.setting.where, predictions.folder), "dim")
        what = Text.assemble(where, f" {change.setting.text} → ", (change.becomes, "bold"))
        grid.add(change.measure, before, f"{change.after_s:.2f}", gain, note=what)
    return grid
