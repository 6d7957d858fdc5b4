"""Commands about configuration files: what is wrong with them, and what follows from them, before anything runs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from harness import assets, campaign, catalogue
from harness.cli.base import Json, ProfileName, SomeScenarios, app, err, out, tell
from harness.errors import UsageError
from harness.lab import engine, images, labels, preflight
from harness.lint import reading, render
from harness.lint.examine import examine
from harness.lint.rule import Severity
from harness.model import chain, outlook
from harness.model.simulation.assumed import Assumed
from harness.profile import folder as profiles
from harness.profile import start
from harness.report import prediction, simulated

folders = typer.Typer(no_args_is_help=True, help="Folders with the files under test.")
app.add_typer(folders, name="profile")


@app.command()
def lint(
    paths: Annotated[list[Path], typer.Argument(help="keepalived.conf and haproxy.cfg files, or a profile's folder.")],
    style: Annotated[str, typer.Option("--format", help="text, json, sarif or github.")] = "text",
) -> None:
    """Say what in configuration files keeps a failover from happening, or slows it down; 1 on errors."""
    if style not in render.FORMATS:
        raise UsageError(f"--format {style}: one of {', '.join(render.FORMATS)}")
    found = examine(reading.read(paths))
    print(render.FORMATS[style](found))
    raise typer.Exit(1 if any(f.severity is Severity.ERROR for f in found) else 0)


@app.command()
def predict(
    profile: ProfileName = "article",
    scenario: SomeScenarios = None,
    json: Json = False,
) -> None:
    """Say what a profile's own timers imply for every fault: how long each link takes, and what will not happen."""
    found = {name: catalogue.find(name) for name in scenario or catalogue.names()}
    foreseen = outlook.of(profiles.load(profiles.find(profile, assets.PROFILES)), found)
    if json:
        print(msgspec.json.format(msgspec.json.encode(prediction.plain(foreseen)), indent=2).decode())
    else:
        out.print(prediction.table(foreseen), highlight=False)


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


@folders.command("new")
def profile_new(
    folder: Annotated[Path, typer.Argument(help="Where to write; it must not exist yet.")],
    like: Annotated[str, typer.Option(help="The shipped profile to begin with.")] = "kubeadm",
) -> None:
    """Write a starting point for your own files, with an explanation of each."""
    for path in start.begin(folder, profiles.load(profiles.find(like, assets.PROFILES))):
        out.print(str(path), highlight=False, soft_wrap=True)
    out.print(f"now put your own files in place, then: harness profile check {folder}", highlight=False, soft_wrap=True)


@folders.command("check")
def profile_check(folder: Annotated[Path, typer.Argument(help="A folder with your files.")]) -> None:
    """Do everything short of starting a lab: read the files, lint them, and ask both daemons; 1 on errors."""
    tested = profiles.load(folder)
    facts = tested.facts
    for node, address in facts.nodes.items():
        priority = tested.instances[node][0].priority
        out.print(f"{node}  {address} on {facts.interfaces[node]}, priority {priority}", highlight=False)
    out.print(f"clients ask {facts.vip} port {facts.port}, where {tested.front} answers\n", highlight=False)
    found = examine(reading.read([folder]))
    print(render.text(found))
    client = engine.find(tell)
    for remark in preflight.check(client, tested, images.ensure(client, "master", tell), labels.mark("fh-check")):
        out.print(remark, highlight=False, soft_wrap=True)
    out.print("the daemons take these files", highlight=False)
    raise typer.Exit(1 if any(f.severity is Severity.ERROR for f in found) else 0)
