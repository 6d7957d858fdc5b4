"""What every command shares: the application, its two voices, and options that several take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from harness import assets
from harness.cli import voice
from harness.profile import folder
from harness.profile.folder import Profile
from harness.profile.source import legible

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Kill parts of a control plane's failover chain in containers, and measure what clients see.",
)
_out, _err = voice.console(), voice.console(stderr=True)
tell = voice.Voice(_err)

Scenarios = Annotated[
    list[str] | None, typer.Option("--scenario", "-s", help="A scenario's name or file; may be repeated.")
]
SomeScenarios = Annotated[list[str] | None, typer.Option("--scenario", "-s", help="Only these; all by default.")]
ProfileName = Annotated[str, typer.Option("--profile", "-p", help="The configuration under test: a name or a folder.")]
ProfileNames = Annotated[
    list[str], typer.Option("--profile", "-p", help="What to test: a profile's name or a folder; may be repeated.")
]
Service = Annotated[
    str, typer.Option("--service", help="What clients ask, where the files leave a choice: VIP, port, or VIP:port.")
]
Stored = Annotated[Path, typer.Argument(help="A campaign's or a trial's folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def show(*pages: RenderableType) -> None:
    """Print pages or sentences, one below the other, on stdout."""
    for page in pages:
        voice.show(page, _out)


def tested(name: str, service: str = "") -> Profile:
    """Return a profile by its name or its folder, and tell what in it is taken for granted."""
    found = folder.load(folder.find(name, assets.PROFILES), service)
    for remark in found.remarks:
        tell(f"{found.name}: {remark}")
    return found


def complain(text: str) -> None:
    """Print an error on stderr."""
    voice.show(f"harness: {legible(text)}", _err)
