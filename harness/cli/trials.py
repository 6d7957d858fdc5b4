"""Commands that run trials, and that read what trials have left."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from harness import assets, campaign, catalogue, store
from harness.campaign import Series
from harness.cli.base import Json, ProfileName, ProfileNames, Scenarios, Service, Stored, app, show, tell, tested
from harness.errors import HarnessError, UsageError
from harness.judge import judge
from harness.lab import engine, tryout
from harness.lab.clients import Rates
from harness.predict.timers import Timers
from harness.profile import folder as profiles
from harness.report import formats, story, terminal
from harness.report.layout import Rows
from harness.verdict import Outcome, Verdict, encoded

MOST_TABLES = 10  # of more trials the report shows the tables
EXIT = {Outcome.PASSED: 0, Outcome.FAILED: 1, Outcome.INCONCLUSIVE: 3}


@app.command()
def run(
    scenario: Scenarios = None,
    group: Annotated[
        list[str] | None,
        typer.Option("--group", "-g", help="All of a group that `harness list` shows; may be repeated."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that `harness list` shows.")] = False,
    profile: ProfileNames = ["article"],  # noqa: B006 - typer copies it
    service: Service = "",
    out_dir: Annotated[Path, typer.Option("--out", help="Where campaigns are written.")] = Path("reports"),
    repeats: Annotated[int, typer.Option(min=1, help="Trials of every scenario on every profile.")] = 1,
    labs: Annotated[int, typer.Option(min=1, help="How many labs run side by side.")] = 1,
    resume: Annotated[Path | None, typer.Option(help="Go on with an interrupted campaign: its folder.")] = None,
    rate_fresh: Annotated[float, typer.Option(min=0, help="Requests a second, each on its own connection.")] = 100.0,
    rate_kept: Annotated[float, typer.Option(min=0, help="Requests a second on kept-alive connections.")] = 100.0,
    deadline: Annotated[float, typer.Option(min=0.01, help="Seconds a request may take.")] = 1.0,
    write_period: Annotated[float, typer.Option(min=0.01, help="Seconds from one write to the next.")] = 0.05,
    until_clients: Annotated[
        bool,
        typer.Option(
            "--until-clients", help="Heal nothing before every client has come to its predicted end (at most 300 s)."
        ),
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the lab up after the trial.")] = False,
    json: Json = False,
) -> None:
    """Run scenarios on profiles, and write a report."""
    if rate_fresh + rate_kept == 0:
        raise UsageError("--rate-fresh and --rate-kept are both 0: without requests nothing is measured")
    found = catalogue.chosen([*(scenario or []), *(catalogue.names() if every else catalogue.grouped(group or []))])
    if not found:
        raise UsageError("nothing to run: name a --scenario or a --group, as `harness list` shows them, or say --all")
    mine = [tested(name, service) for name in profile]
    order = [replace(turn, until_clients=until_clients) for turn in campaign.turns(found, mine, repeats)]
    if resume is not None:
        order = campaign.missing(order, store.load_campaign(resume))
        tell(f"{len(order)} trials are left")
    client = engine.find(tell)
    if any(tryout.untried(one) for one in mine):
        with tell.working("trying check scripts, once for as long as nothing about them changes"):
            known = {one.folder: tryout.ensured(client, one, tell) for one in mine}
        order = [replace(turn, profile=known[turn.profile.folder]) for turn in order]
    folder = resume or _begun(out_dir)
    series = Series(folder, client, Rates(rate_fresh, rate_kept, deadline, write_period), keep)
    verdicts: list[Verdict] = []
    broken: list[tuple[str, HarnessError]] = []
    try:
        with tell.working(f"{', '.join(found)} on {', '.join(p.name for p in mine)}"):
            for name, one in series.play(order, labs, tell):
                if isinstance(one, Verdict):
                    verdicts.append(one)
                else:
                    broken.append((name, one))
                tell(f"{len(verdicts) + len(broken)} of {len(order)} done; {name}: {_ended(one)}")
    finally:
        if store.load_campaign(folder).trials:
            _show(verdicts, broken, folder, json)
            if (left := len(order) - len(verdicts) - len(broken)) > 0:
                tell(f"{left} trials are left: the same command with --resume {folder} goes on")
        elif next(store.trials(folder), None) is None:
            shutil.rmtree(folder)  # nothing was recorded
    if broken:
        raise broken[0][1]
    raise typer.Exit(_worst(store.load_campaign(folder).outcomes))


def _begun(reports: Path) -> Path:
    folder, begun = store.new_campaign(reports)
    store.save_campaign(folder, begun)
    return folder


def _ended(one: Verdict | HarnessError) -> str:
    """Return what a trial came to, in one line."""
    if isinstance(one, HarnessError):
        return str(one).partition("\n")[0]
    return one.outcome.value if one.outcome is Outcome.PASSED else f"{one.outcome}; {terminal.reason(one)}"


def _show(verdicts: list[Verdict], broken: list[tuple[str, HarnessError]], folder: Path, json: bool) -> None:
    if json:
        print(encoded(verdicts).decode())
        formats.write(folder)
        return
    show(*map(terminal.table, verdicts if len(verdicts) <= MOST_TABLES else ()))
    if len(verdicts) + len(broken) > 1:
        show(terminal.summary(verdicts, [(name, _ended(error)) for name, error in broken]))
    show("", f"report: {formats.write(folder)}")


def _worst(outcomes: list[Outcome]) -> int:
    return max((EXIT[outcome] for outcome in outcomes), key=[0, 3, 1].index, default=0)


@app.command("list")
def list_(
    profile: ProfileName = "article",
    explain: Annotated[str, typer.Option("--explain", help="Tell all about one scenario: its name or file.")] = "",
) -> None:
    """Name the scenarios, by what they break, with how long they take on a profile; and the profiles."""
    mine = profiles.load(profiles.find(profile, assets.PROFILES))
    if explain:
        ((name, scenario),) = catalogue.chosen([explain]).items()
        show(story.page(name, scenario, mine))
        return
    timers = Timers(mine)
    for group, names in catalogue.by_group().items():
        grid = Rows(("scenarios" + f": {group}" * bool(group), "takes"))
        for name in names:
            scenario = catalogue.find(name)
            grid.add(name, story.lasts(scenario, timers), note=(scenario.summary or "").strip().partition("\n")[0])
        show(grid, "")
    named = Rows(("profiles",))
    for path in profiles.shipped(assets.PROFILES):
        named.add(path.name, note=profiles.load(path).facts.summary)
    show(named, "")


@app.command()
def analyze(
    folder: Stored,
    scenario: Annotated[Path | None, typer.Option("--scenario", "-s", help="Its file, where it is not found.")] = None,
) -> None:
    """Judge a stored trial or campaign anew, from its history alone."""
    asked = catalogue.load(scenario) if scenario else None
    verdicts = [judge(trial, asked) for trial in store.trials(folder)]
    if not verdicts:
        raise UsageError(f"{folder}: no trial there; a trial's folder holds spec.json and history.jsonl")
    show(*map(terminal.table, verdicts))
    if len(verdicts) > 1:
        show(terminal.summary(verdicts))
    raise typer.Exit(_worst([verdict.outcome for verdict in verdicts]))


@app.command()
def report(
    folder: Stored,
    form: Annotated[str, typer.Option("--format", help="html, or a plugin's.")] = "html",
) -> None:
    """Write the report of a stored campaign or trial; needs no container engine."""
    show(str(formats.write(folder, form)))
