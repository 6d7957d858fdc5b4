"""The command line: `harness` or `python -m harness`."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import assets, campaign, catalogue, store
from harness.campaign import Series
from harness.errors import UsageError
from harness.lab import doctor as examination
from harness.lab import embedded, engine, labels, packages, session
from harness.lab.doctor import Grade
from harness.lint import render, setup
from harness.lint.examine import examine
from harness.lint.rule import Severity
from harness.model import chain
from harness.model.simulation.assumed import Assumed
from harness.profile import folder as profiles
from harness.report import html, simulated, terminal
from harness.runner import Rates
from harness.verdict import Outcome, Verdict

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
engines = typer.Typer(no_args_is_help=True, help="The harness' own container engine.")
app.add_typer(engines, name="engine")
out, err = Console(), Console(stderr=True, log_path=False)
GRADES = {Grade.GOOD: "[green]✓", Grade.NOTE: "[yellow]•", Grade.PROBLEM: "[red]✗"}
EXIT = {Outcome.PASSED: 0, Outcome.FAILED: 1, Outcome.INCONCLUSIVE: 3}

Scenarios = Annotated[list[str], typer.Option("--scenario", "-s", help="A scenario's name; may be repeated.")]
ProfileName = Annotated[str, typer.Option("--profile", "-p", help="The configuration under test: a name or a folder.")]
Stored = Annotated[Path, typer.Argument(help="A campaign's or a trial's folder.")]


def tell(text: str) -> None:
    """Say what is being done, with the time."""
    err.log(text, highlight=False, markup=False)


@app.command()
def run(
    scenario: Scenarios,
    profile: ProfileName = "article",
    out_dir: Annotated[Path, typer.Option("--out", help="Where campaigns are written.")] = Path("reports"),
    rate_fresh: Annotated[float, typer.Option(min=0, help="Requests a second, each on its own connection.")] = 100.0,
    rate_kept: Annotated[float, typer.Option(min=0, help="Requests a second on kept-alive connections.")] = 100.0,
    deadline: Annotated[float, typer.Option(min=0.01, help="Seconds a request may take.")] = 1.0,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the lab up after the trial.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON instead of tables.")] = False,
) -> None:
    """Run scenarios on a profile, and write a report."""
    if rate_fresh + rate_kept == 0:
        raise UsageError("--rate-fresh and --rate-kept are both 0: without requests nothing is measured")
    found = {name: catalogue.find(name) for name in scenario}
    tested = profiles.load(profiles.find(profile, assets.PROFILES))
    client = engine.find(tell)
    folder, begun = store.new_campaign(out_dir)
    store.save_campaign(folder, begun)
    series = Series(folder, client, Rates(rate_fresh, rate_kept, deadline), keep)
    verdicts: list[Verdict] = []
    try:
        for name, one in found.items():
            with err.status(f"{name} on {tested.name}"):
                verdicts.append(series.trial(name, one, tested, tell))
    finally:
        if store.load_campaign(folder).trials:
            _show(verdicts, html.write(folder), json)
        elif next(store.trials(folder), None) is None:
            shutil.rmtree(folder)  # nothing was recorded
    raise typer.Exit(_worst(verdicts))


def _show(verdicts: list[Verdict], report: Path, json: bool) -> None:
    if json:
        print(msgspec.json.format(msgspec.json.encode(verdicts), indent=2).decode())
        return
    for verdict in verdicts:
        out.print(terminal.table(verdict))
    out.print(terminal.summary(verdicts))
    out.print(f"report: {report}", highlight=False, soft_wrap=True)


def _worst(verdicts: list[Verdict]) -> int:
    return max((EXIT[v.outcome] for v in verdicts), key=[0, 3, 1].index)


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
def up(profile: ProfileName = "article") -> None:
    """Build a lab to play with; `harness down` removes it."""
    tested = profiles.load(profiles.find(profile, assets.PROFILES))
    name = session.up(engine.find(tell), tested, tell)
    out.print(f"{name} is up: `harness shell m1`, `harness shell client`, `harness down`")


@app.command()
def down() -> None:
    """Remove the labs that `harness up` or `--keep` left."""
    _remove(everything=True)


@app.command()
def shell(node: str) -> None:
    """Open a shell in a node of the lab that is up: m1, m2, m3 or client."""
    raise typer.Exit(session.shell(_running(), node))


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


@app.command()
def clean(everything: Annotated[bool, typer.Option("--all", help="Also labs whose owner lives.")] = False) -> None:
    """Remove what dead runs left behind."""
    _remove(everything)


def _running() -> engine.Found:
    found = engine.running()
    if found is None:
        raise UsageError("no container engine is running, so there is no lab: `harness up` makes one")
    return found


def _remove(everything: bool) -> None:
    gone = labels.sweep(_running().client(), everything=everything)
    out.print(f"removed {', '.join(gone)}" if gone else "nothing to remove", highlight=False)


@app.command()
def doctor() -> None:
    """Tell what this machine offers: engine, kernel, registry, leftovers; each problem with its remedy."""
    found = examination.examine()
    grid = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("", "what", "found", "remedy"):
        grid.add_column(title, overflow="fold")
    for e in found:
        grid.add_row(GRADES[e.grade], e.what, Text(e.found), Text(e.remedy))
    out.print(grid)
    raise typer.Exit(4 if any(e.grade is Grade.PROBLEM for e in found) else 0)


@app.command()
def lint(
    paths: Annotated[list[Path], typer.Argument(help="keepalived.conf and haproxy.cfg files, or a profile's folder.")],
    style: Annotated[str, typer.Option("--format", help="text, json, sarif or github.")] = "text",
) -> None:
    """Say what in configuration files keeps a failover from happening, or slows it down; 1 on errors."""
    if style not in render.FORMATS:
        raise UsageError(f"--format {style}: one of {', '.join(render.FORMATS)}")
    found = examine(setup.read(paths))
    print(render.FORMATS[style](found))
    raise typer.Exit(1 if any(f.severity is Severity.ERROR for f in found) else 0)


@app.command()
def simulate(
    scenario: Annotated[list[str] | None, typer.Option("--scenario", "-s", help="May be repeated; else all.")] = None,
    profile: ProfileName = "article",
    trials: Annotated[int, typer.Option(min=1, help="How often each scenario is played.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same trials.")] = 1,
    deadline: Annotated[float, typer.Option(min=0.01, help="Seconds a request may take.")] = 1.0,
    json: Annotated[bool, typer.Option("--json", help="Print the distributions as JSON instead of tables.")] = False,
) -> None:
    """Play scenarios in a model of the chain, thousands of times: how long each link takes, how often, or never."""
    found = {name: catalogue.find(name) for name in scenario or catalogue.names()}
    tested = profiles.load(profiles.find(profile, assets.PROFILES))
    for remark in chain.of(tested).remarks:
        tell(f"not modelled: {remark}")
    data = []
    for name, one in found.items():
        began = time.monotonic()
        try:
            samples = campaign.simulated(one, tested, trials, seed, deadline, lambda done: _count(done, trials))
        except UsageError as error:
            if scenario:
                raise
            tell(f"{name} on {tested.name}: {error}")
            continue
        tell(f"{name} on {tested.name}: {trials} trials in {time.monotonic() - began:.1f} s")
        if json:
            data.append(simulated.plain(name, tested.name, samples, seed, Assumed()))
        else:
            out.print(simulated.table(name, tested.name, samples, seed))
    if json:
        print(msgspec.json.format(msgspec.json.encode(data), indent=2).decode())


def _count(done: int, trials: int) -> None:
    if err.is_terminal:
        err.print(f"{done}/{trials}", end="\r", highlight=False)


@engines.command("start")
def engine_start(
    install: Annotated[bool, typer.Option("--install", help="Install dockerd where it is missing.")] = False,
) -> None:
    """Make sure that an engine answers: DOCKER_HOST, the current context, or the harness' own."""
    if install and engine.running() is None and embedded.possible():
        packages.install(tell)
    client = engine.find(tell)
    out.print(f"engine {client.version()['Version']} answers", highlight=False)


@engines.command("stop")
def engine_stop() -> None:
    """End the harness' own engine; others are left alone."""
    out.print("stopped" if embedded.stop() else "it was not running")


@engines.command("status")
def engine_status() -> None:
    """Say which engine answers now."""
    found = engine.running()
    out.print(f"{found.origin}: {found.url}" if found else "none answers", highlight=False)
