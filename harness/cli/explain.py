"""The command that prints a rule's page."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.base import app, show
from harness.lint.rule import named
from harness.report import explained


@app.command()
def explain(codes: Annotated[list[str], typer.Argument(help="Rules by their codes, as K08; may be several.")]) -> None:
    """Say what a rule of lint is about: what happens, how that was confirmed, and what to do."""
    for one in [named(code) for code in codes]:
        show(explained.page(one), "")
