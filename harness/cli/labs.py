"""Commands about labs and the engine that they run on."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from harness.cli.base import ProfileName, Service, app, show, tell, tested
from harness.errors import UsageError
from harness.lab import doctor as examination
from harness.lab import embedded, engine, labels, packages, session
from harness.lab.briefing import SEATS
from harness.lab.doctor import Grade
from harness.lab.machine import Machine
from harness.report.layout import Paragraph

engines = typer.Typer(no_args_is_help=True, help="The harness' own container engine.")
app.add_typer(engines, name="engine")
GRADES = {Grade.GOOD: ("✓ ", "green"), Grade.NOTE: ("• ", "yellow"), Grade.PROBLEM: ("✗ ", "red")}


@app.command()
def up(
    profile: ProfileName = "article",
    service: Service = "",
    seats: Annotated[int, typer.Option(min=0, max=len(SEATS), help="Places for containers of your own.")] = 0,
) -> None:
    """Build a lab to play with; `harness down` removes it."""
    mine = tested(profile, service)
    with tell.working(f"a lab of {mine.name}"):
        name = session.up(engine.find(tell), mine, tell, seats)
    first = next(iter(mine.facts.nodes))
    show(f"{name} is up: `harness shell {first}`, `harness shell client`, `harness down`")


@app.command()
def down() -> None:
    """Remove the labs that `harness up` or `--keep` left."""
    _remove(kept=True)


@app.command()
def shell(node: str) -> None:
    """Open a shell in a node of the lab that is up, by its name, or in its client."""
    raise typer.Exit(session.shell(_running(), node))


@app.command()
def seat(
    kubeconfig: Annotated[bool, typer.Option("--kubeconfig", help="Print what makes a client of the lab.")] = False,
) -> None:
    """Name a free seat of the lab that is up: `docker run --network container:$(harness seat) …`."""
    found = session.seat(_running().client())
    if kubeconfig:
        print(Machine("", found, "").ask("cat", "/etc/harness/kubeconfig"))
    else:
        print(found.name)


@app.command()
def clean(everything: Annotated[bool, typer.Option("--all", help="Also labs whose owner lives.")] = False) -> None:
    """Remove what dead runs left behind."""
    _remove(everything=everything)


def _running() -> engine.Found:
    found = engine.running()
    if found is None:
        raise UsageError("no container engine is running, so there is no lab: `harness up` makes one")
    return found


def _remove(everything: bool = False, kept: bool = False) -> None:
    gone = labels.sweep(_running().client(), everything=everything, kept=kept)
    show(f"removed {', '.join(gone)}" if gone else "nothing to remove")


@app.command()
def doctor() -> None:
    """Tell what this machine offers: engine, kernel, registry, leftovers; each problem with its remedy."""
    found = examination.examine()
    for e in found:
        show(Paragraph(Text.assemble((e.what, "bold"), f": {e.found}"), Text(*GRADES[e.grade])))
        if e.remedy:
            show(Paragraph(Text(e.remedy, "dim"), "    "))
    raise typer.Exit(4 if any(e.grade is Grade.PROBLEM for e in found) else 0)


@engines.command("start")
def engine_start(
    install: Annotated[bool, typer.Option("--install", help="Install dockerd where it is missing.")] = False,
) -> None:
    """Make sure that an engine answers: DOCKER_HOST, the current context, or the harness' own."""
    with tell.working("the engine"):
        if install and engine.running() is None and embedded.possible():
            packages.install(tell)
        client = engine.find(tell)
    show(f"engine {client.version()['Version']} answers")


@engines.command("stop")
def engine_stop() -> None:
    """End the harness' own engine; others are left alone."""
    show("stopped" if embedded.stop() else "it was not running")


@engines.command("status")
def engine_status() -> None:
    """Say which engine answers now."""
    found = engine.running()
    show(f"{found.origin}: {found.url}" if found else "none answers")
