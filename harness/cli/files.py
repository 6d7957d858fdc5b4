"""Commands about configuration files: what is wrong with them, and what follows from them, before anything runs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from harness import assets, catalogue, plugins
from harness.chain import compile as chain
from harness.cli.base import Json, ProfileName, SomeScenarios, app, show, tell
from harness.contracts import Passing
from harness.errors import UsageError
from harness.lab import engine, images, labels, preflight
from harness.lint import reading, render
from harness.lint.examine import examine
from harness.lint.rule import Severity
from harness.predict import predictions
from harness.profile import folder as profiles
from harness.profile import start
from harness.report import linted, prediction, simulated
from harness.simulate.assumed import Assumed
from harness.simulate.simulate import played

folders = typer.Typer(no_args_is_help=True, help="Folders with the files under test.")
app.add_typer(folders, name="profile")


@app.command()
def lint(
    paths: Annotated[list[Path], typer.Argument(help="keepalived.conf and haproxy.cfg files, or a profile's folder.")],
    style: Annotated[str, typer.Option("--format", help="text, json, sarif, github, or a plugin's.")] = "text",
) -> None:
    """Say what in configuration files keeps a failover from happening, or slows it down; 1 on errors."""
    form = plugins.function(render.GROUP, "format of findings", style)
    found = examine(reading.read(paths))
    page = form(found)
    print(page) if isinstance(page, str) else show(page)  # a text is not broken into lines
    raise typer.Exit(1 if any(f.severity is Severity.ERROR for f in found) else 0)


@app.command()
def predict(
    profile: ProfileName = "article",
    scenario: SomeScenarios = None,
    json: Json = False,
) -> None:
    """Say what a profile's own timers imply for every fault: how long each link takes, and what will not happen."""
    found = catalogue.chosen(scenario or catalogue.names())
    predicted = predictions.of(profiles.load(profiles.find(profile, assets.PROFILES)), found)
    if json:
        print(msgspec.json.format(msgspec.json.encode(prediction.plain(predicted)), indent=2).decode())
    else:
        show(prediction.table(predicted))


@app.command()
def simulate(
    scenario: SomeScenarios = None,
    profile: ProfileName = "article",
    trials: Annotated[int, typer.Option(min=1, help="How often each scenario is played.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same trials.")] = 1,
    deadline: Annotated[float, typer.Option(min=0.01, help="Seconds a request may take.")] = 1.0,
    json: Json = False,
) -> None:
    """Play scenarios in a model of the chain, thousands of times: how long each link takes, how often, or never."""
    found = catalogue.chosen(scenario or catalogue.names())
    tested = profiles.load(profiles.find(profile, assets.PROFILES))
    for remark in chain.of(tested).remarks:
        tell(f"not modelled: {remark}")
    data = []
    for name, one in found.items():
        began = time.monotonic()
        try:
            with tell.working(f"{name} on {tested.name}"):
                samples = played(one, tested, trials, seed, deadline, lambda done: tell(Passing(f"{done} of {trials}")))
        except UsageError as error:
            if scenario:
                raise
            tell(f"{name} on {tested.name}: {error}")
            continue
        tell(f"{name} on {tested.name}: {trials} trials in {time.monotonic() - began:.1f} s")
        if json:
            data.append(simulated.plain(name, tested.name, samples, seed, Assumed()))
        else:
            show(simulated.table(name, tested.name, samples, seed))
    if json:
        print(msgspec.json.format(msgspec.json.encode(data), indent=2).decode())


@folders.command("new")
def profile_new(
    folder: Annotated[Path, typer.Argument(help="Where to write; it must not exist yet.")],
    like: Annotated[str, typer.Option(help="The shipped profile to begin with.")] = "kubeadm",
) -> None:
    """Write a starting point for your own files, with an explanation of each."""
    for path in start.begin(folder, profiles.load(profiles.find(like, assets.PROFILES))):
        show(str(path))
    show(f"now put your own files in place, then: harness profile check {folder}")


@folders.command("check")
def profile_check(folder: Annotated[Path, typer.Argument(help="A folder with your files.")]) -> None:
    """Do everything short of starting a lab: read the files, lint them, and ask both daemons; 1 on errors."""
    tested = profiles.load(folder)
    facts = tested.facts
    for node, address in facts.nodes.items():
        holds = f", priority {tested.instances[node][0].priority}" if node in facts.lbs else ""
        show(f"{node}  {' and '.join(facts.roles[node])}, {address} on {facts.interfaces[node]}{holds}")
    show(f"clients ask {facts.vip} port {facts.port}, where {tested.front} answers", "")
    found = examine(reading.read([folder]))
    show(linted.page(found), "")
    with tell.working(f"checking {tested.name}"):
        client = engine.find(tell)
        remarks = preflight.check(client, tested, images.ensure(client, "master", tell), labels.mark("fh-check"))
    show(*remarks, "the daemons take these files")
    raise typer.Exit(1 if any(f.severity is Severity.ERROR for f in found) else 0)
