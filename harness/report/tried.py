"""The script table, to read: what each script did in each state of the chain, in a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from harness.profile.tried import Row, State, Table, Tried
from harness.report.layout import Paragraph, Rows

STYLE = {True: "green", False: "red", None: "yellow"}
SLOW_S = 0.5  # below it a script's time is the machine's


def page(table: Table) -> RenderableType:
    """Return all of it for a terminal."""
    parts: list[RenderableType] = [Paragraph(about(table))]
    for row in table.rows:
        parts += ["", Paragraph(Text.assemble((_named(row), "bold"), f"  {row.command}"))]
        if row.why:
            parts.append(Paragraph(Text(f"not known: {row.why}; read from its text", "yellow")))
            continue
        grid = Rows(("state", "with the VIP", "without"), note="what it says, and does", align="<<<")
        for state, owning, other in _states(row):
            grid.add(state.value, _cell(owning), _cell(other), note=Text(_beside(owning, other), "dim"))
        parts.append(grid)
    return Group(*parts)


def about(table: Table) -> str:
    """Return when and on what it was tried."""
    versions = ", ".join(f"{name} {version}" for name, version in sorted(table.versions.items()))
    return f"scripts tried on {table.on} with {versions}"


def markdown(name: str, table: Table) -> str:
    """Return a profile's table as a section of Markdown."""
    lines = [f"## {name}", "", f"{about(table)[0].upper()}{about(table)[1:]}."]
    for row in table.rows:
        lines += ["", f"`{row.command}` ({_named(row)})", ""]
        if row.why:
            lines.append(f"Not known: {row.why}.")
            continue
        lines += ["| state | with the VIP | without | what it says, and does |", "|---|---|---|---|"]
        for state, owning, other in _states(row):
            cells = [_ended(one) if one else "" for one in (owning, other)]
            beside = _beside(owning, other).replace("|", "\\|")
            lines.append(f"| {state.value} | {cells[0]} | {cells[1]} | {beside} |")
    return "\n".join([*lines, ""])


def _named(row: Row) -> str:
    return f"notified of {row.name} on {row.node}" if row.notify else f"{row.name} on {row.node}"


def _states(row: Row) -> Iterator[tuple[State, Tried | None, Tried | None]]:
    for state in State:
        owning, other = row.at(state, True), row.at(state, False)
        if owning or other:
            yield state, owning, other


def _cell(one: Tried | None) -> Text:
    return Text(_ended(one), STYLE[None if one.why else one.passes]) if one else Text()


def _ended(one: Tried) -> str:
    if one.why:
        return "not known"
    word = {True: "passes", False: "fails", None: "by turns"}[one.passes]
    slow = f", {one.took_s[1]:.1f} s" if one.took_s[1] >= SLOW_S else ""
    return f"{word}{slow}{', keepalived stopped' if one.stops else ''}"


def _beside(*tried: Tried | None) -> str:
    """Return what a script printed, and which daemons it started or stopped."""
    told: list[str] = []
    for one in filter(None, tried):
        told += [one.why] if one.why else []
        told += [f"stops {' and '.join(one.stopped)}"] if one.stopped else []
        told += [f"starts {' and '.join(one.started)}"] if one.started else []
        told += [one.how] if "timeout" in one.how or "exec" in one.how or one.passes is None else []
        told += [one.said.splitlines()[-1][:80]] if one.said else []
    return "; ".join(dict.fromkeys(told))
