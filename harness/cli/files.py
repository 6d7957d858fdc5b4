"""Commands about configuration files: what is wrong with them, and what follows from them, before anything runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from harness import assets, catalogue, plugins
from harness.chain import compile as chain
from harness.cli.base import Json, ProfileName, Service, SomeScenarios, app, show, tell, tested
from harness.contracts import Passing
from harness.errors import HarnessError, UsageError
from harness.lab import engine, images, labels, preflight, tryout
from harness.lint import mend, reading, render
from harness.lint.examine import Objection
from harness.lint.listing import findings
from harness.lint.rule import Severity
from harness.lint.versions import versions
from harness.predict import predictions
from harness.profile import adopt as adopting
from harness.profile import folder as profiles
from harness.profile import layout, start
from harness.report import linted, prediction, prediction_data, simulated
from harness.report import tried as scripts
from harness.simulate.assumed import Assumed
from harness.simulate.simulate import played

folders = typer.Typer(no_args_is_help=True, help="Folders with the files under test.")
app.add_typer(folders, name="profile")


@app.command()
def lint(
    paths: Annotated[list[Path], typer.Argument(help="keepalived.conf and haproxy.cfg files, or a profile's folder.")],
    style: Annotated[str, typer.Option("--format", help="text, json, sarif, github, or a plugin's.")] = "text",
    service: Service = "",
    fix: Annotated[bool, typer.Option(help="Show what is mechanical as a diff, ask, and write it.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --fix: write without asking.")] = False,
    keepalived_version: Annotated[
        str | None, typer.Option(help="Which keepalived runs these; 2.2.7 is supposed.")
    ] = None,
    haproxy_version: Annotated[str | None, typer.Option(help="Which haproxy runs these; 2.6.12 is supposed.")] = None,
) -> None:
    """Say what in configuration files keeps a failover from happening, or slows it down; 1 on errors."""
    form = plugins.function(render.GROUP, "format of findings", style)
    meant = versions(keepalived_version, haproxy_version)
    setup = replace(reading.read(paths, service), versions=meant)
    found = findings(paths, setup)
    if fix and _written(found, yes):
        setup = replace(reading.read(paths, service), versions=meant)
        found = findings(paths, setup)
    for remark in setup.profile.remarks if setup.profile else ():
        tell(remark)
    page = form(found)
    print(page) if isinstance(page, str) else show(page)  # a text is not broken into lines
    raise typer.Exit(1 if any(f.severity is Severity.ERROR for f in found) else 0)


def _written(found: Sequence[Objection], yes: bool) -> bool:
    """Show the diff of what is mechanical and, if that is wanted, write it; say whether it was."""
    changes = mend.mended(found)
    typer.echo("\n".join(change.diff for change in changes), err=True)
    if not changes or not (yes or typer.confirm("write this?", err=True)):
        return False
    for change in changes:
        change.write()
    return True


@app.command()
def predict(
    profile: ProfileName = "article",
    scenario: SomeScenarios = None,
    service: Service = "",
    json: Json = False,
) -> None:
    """Say what a profile's own timers imply for every fault: how long each link takes, and what will not happen."""
    found = catalogue.chosen(scenario or catalogue.names())
    predicted = predictions.of(tested(profile, service), found)
    if json:
        print(msgspec.json.format(msgspec.json.encode(prediction_data.plain(predicted)), indent=2).decode())
    else:
        show(prediction.table(predicted))


@app.command()
def simulate(
    scenario: SomeScenarios = None,
    profile: ProfileName = "article",
    trials: Annotated[int, typer.Option(min=1, help="How often each scenario is played.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same trials.")] = 1,
    deadline: Annotated[float, typer.Option(min=0.01, help="Seconds a request may take.")] = 1.0,
    service: Service = "",
    json: Json = False,
) -> None:
    """Play scenarios in a model of the chain, thousands of times: how long each link takes, how often, or never."""
    found = catalogue.chosen(scenario or catalogue.names())
    mine = tested(profile, service)
    for remark in chain.of(mine).remarks:
        tell(f"not modelled: {remark}")
    data = []
    for name, one in found.items():
        began = time.monotonic()
        try:
            with tell.working(f"{name} on {mine.name}"):
                samples = played(one, mine, trials, seed, deadline, lambda done: tell(Passing(f"{done} of {trials}")))
        except UsageError as error:
            if scenario:
                raise
            tell(f"{name} on {mine.name}: {error}")
            continue
        tell(f"{name} on {mine.name}: {trials} trials in {time.monotonic() - began:.1f} s")
        if json:
            data.append(simulated.plain(name, mine.name, samples, seed, Assumed()))
        else:
            show(simulated.table(name, mine.name, samples, seed))
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


@folders.command("adopt")
def profile_adopt(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders as they lie on hosts or in a repository.")],
    to: Annotated[Path, typer.Option(help="The folder to make; it must not exist yet.")] = Path("adopted"),
) -> None:
    """Make a profile's folder of files as they lie about, and say what each was taken for."""
    told = profiles.stated(paths[0]).nodes if paths[0].is_dir() else None
    for source, taken in adopting.adopt(layout.lay(paths, told), to):
        show(f"{source}: {taken}")
    mine = tested(str(to))
    show(f"clients ask {mine.facts.vip} port {mine.facts.port}; next: harness profile check {to}")


@folders.command("check")
def profile_check(
    folder: Annotated[Path, typer.Argument(help="A folder with your files.")], service: Service = ""
) -> None:
    """Read the files, ask both daemons, try the scripts in every state of the chain, and lint; 1 on errors."""
    mine = tested(str(folder), service)
    facts = mine.facts
    for node, address in facts.nodes.items():
        holds = f", priority {mine.instances[node][0].priority}" if node in facts.lbs else ""
        show(f"{node}  {' and '.join(facts.roles[node])}, {address} on {facts.interfaces[node]}{holds}")
    show(f"clients ask {facts.vip} port {facts.port}, where {mine.front} answers", "")
    remarks: list[str] = []
    refused: HarnessError | None = None
    try:
        with tell.working(f"checking {mine.name}"):
            client = engine.find(tell)
            remarks = preflight.check(client, mine, images.ensure(client, "master", tell), labels.mark("fh-check"))
            mine = tryout.ensured(client, mine, tell, anew=True)
    except HarnessError as error:  # what the files tell by themselves is told all the same
        refused = error
    setup = reading.read([folder], service)
    setup.profile = setup.profile and mine  # tried, also where that could not be stored
    found = findings([folder], setup)
    if mine.tried:
        show(scripts.page(mine.tried), "")
    show(linted.page(found), "")
    if refused:
        raise refused
    show(*remarks, "the daemons take these files")
    raise typer.Exit(1 if any(f.severity is Severity.ERROR for f in found) else 0)
