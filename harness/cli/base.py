"""What every command shares: the application, its two consoles, and options that several take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Kill parts of a control plane's failover chain in containers, and measure what clients see.",
)
out, err = Console(), Console(stderr=True, log_path=False)

Scenarios = Annotated[list[str], typer.Option("--scenario", "-s", help="A scenario's name; may be repeated.")]
SomeScenarios = Annotated[list[str] | None, typer.Option("--scenario", "-s", help="Only these; all by default.")]
ProfileName = Annotated[str, typer.Option("--profile", "-p", help="The configuration under test: a name or a folder.")]
ProfileNames = Annotated[
    list[str], typer.Option("--profile", "-p", help="What to test: a profile's name or a folder; may be repeated.")
]
Stored = Annotated[Path, typer.Argument(help="A campaign's or a trial's folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def tell(text: str) -> None:
    """Say what is being done, with the time."""
    err.log(text, highlight=False, markup=False)
