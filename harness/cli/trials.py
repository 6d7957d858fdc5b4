"""Commands that run trials, and that read what trials have left."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from harness import assets, campaign, catalogue, store
from harness.campaign import Series
from harness.cli.base import Json, ProfileNames, Scenarios, Stored, app, err, out, tell
from harness.errors import HarnessError, UsageError
from harness.lab import engine
from harness.profile import folder as profiles
from harness.report import html, terminal
from harness.runner import Rates
from harness.verdict import Outcome, Verdict

MOST_TABLES = 10  # of more trials the report shows the tables
EXIT = {Outcome.PASSED: 0, Outcome.FAILED: 1, Outcome.INCONCLUSIVE: 3}


@app.command()
def run(
    scenario: Scenarios,
    profile: ProfileNames = ["article"],  # noqa: B006 - typer copies it
    out_dir: Annotated[Path, typer.Option("--out", help="Where campaigns are written.")] = Path("reports"),
    repeats: Annotated[int, typer.Option(min=1, help="Trials of every scenario on every profile.")] = 1,
    labs: Annotated[int, typer.Option(min=1, help="How many labs run side by side.")] = 1,
    resume: Annotated[Path | None, typer.Option(help="Go on with an interrupted campaign: its folder.")] = None,
    rate_fresh: Annotated[float, typer.Option(min=0, help="Requests a second, each on its own connection.")] = 100.0,
    rate_kept: Annotated[float, typer.Option(min=0, help="Requests a second on kept-alive connections.")] = 100.0,
    deadline: Annotated[float, typer.Option(min=0.01, help="Seconds a request may take.")] = 1.0,
    write_period: Annotated[float, typer.Option(min=0.01, help="Seconds from one write to the next.")] = 0.05,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the lab up after the trial.")] = False,
    json: Json = False,
) -> None:
    """Run scenarios on profiles, and write a report."""
    if rate_fresh + rate_kept == 0:
        raise UsageError("--rate-fresh and --rate-kept are both 0: without requests nothing is measured")
    found = {name: catalogue.find(name) for name in scenario}
    tested = [profiles.load(profiles.find(name, assets.PROFILES)) for name in profile]
    order = campaign.turns(found, tested, repeats)
    if resume is not None:
        order = campaign.missing(order, store.load_campaign(resume))
        tell(f"{len(order)} trials are left")
    client = engine.find(tell)
    folder = resume or _begun(out_dir)
    series = Series(folder, client, Rates(rate_fresh, rate_kept, deadline, write_period), keep)
    ended: list[Verdict | HarnessError] = []
    try:
        with err.status(f"{', '.join(found)} on {', '.join(p.name for p in tested)}"):
            for one in series.play(order, labs, tell):
                ended.append(one)
                told = str(one) if isinstance(one, HarnessError) else f"{one.scenario} on {one.profile}: {one.outcome}"
                tell(f"{len(ended)} of {len(order)} done; {told}")
    finally:
        verdicts = [one for one in ended if isinstance(one, Verdict)]
        if store.load_campaign(folder).trials:
            _show(verdicts, html.write(folder), json)
        elif next(store.trials(folder), None) is None:
            shutil.rmtree(folder)  # nothing was recorded
    if broken := next((one for one in ended if isinstance(one, HarnessError)), None):
        raise broken
    raise typer.Exit(_worst(verdicts))


def _begun(reports: Path) -> Path:
    folder, begun = store.new_campaign(reports)
    store.save_campaign(folder, begun)
    return folder


def _show(verdicts: list[Verdict], report: Path, json: bool) -> None:
    if json:
        print(msgspec.json.format(msgspec.json.encode(verdicts), indent=2).decode())
        return
    for verdict in verdicts if len(verdicts) <= MOST_TABLES else ():
        out.print(terminal.table(verdict))
    out.print(terminal.summary(verdicts))
    out.print(f"report: {report}", highlight=False, soft_wrap=True)


def _worst(verdicts: list[Verdict]) -> int:
    return max((EXIT[v.outcome] for v in verdicts), key=[0, 3, 1].index, default=0)


@app.command("list")
def list_() -> None:
    """Name the scenarios and the profiles."""
    for title, rows in (
        ("scenarios", [(n, (catalogue.find(n).summary or "").strip()) for n in catalogue.names()]),
        ("profiles", [(p.name, profiles.load(p).facts.summary) for p in profiles.shipped(assets.PROFILES)]),
    ):
        table = Table(title=title, title_justify="left", box=None, show_header=False)
        for row in rows:
            table.add_row(*row)
        out.print(table)


@app.command()
def analyze(folder: Stored) -> None:
    """Judge a stored trial or campaign anew, from its history alone."""
    verdicts = [campaign.judge(trial) for trial in store.trials(folder)]
    if not verdicts:
        raise UsageError(f"{folder}: no trial there; a trial's folder holds spec.json and history.jsonl")
    for verdict in verdicts:
        out.print(terminal.table(verdict))
    raise typer.Exit(_worst(verdicts))


@app.command()
def report(folder: Stored) -> None:
    """Write the HTML report of a stored campaign or trial; needs no container engine."""
    out.print(str(html.write(folder)), highlight=False, soft_wrap=True)
