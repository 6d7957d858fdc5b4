"""How the command speaks: pages on stdout; on stderr what is being done, as lines that stay and one that moves.

A terminal gets lines of its own width. A pipe gets whole ones, each as long as it is, without colour, unless COLUMNS
and FORCE_COLOR ask for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from rich.console import Console, RenderableType
from rich.status import Status
from rich.text import Text

from harness.contracts import Passing
from harness.report.layout import Paragraph

SELDOM_S = 30.0  # where no line can move, what passes is told this often


def console(stderr: bool = False, file: IO[str] | None = None) -> Console:
    """Return a console on stdout, stderr or `file` that prints what it is given, and nothing of its own."""
    # rich heeds COLUMNS on a dumb terminal only where it is told a height too.
    return Console(file=file, stderr=stderr, height=25, highlight=False, markup=False, emoji=False)


def show(page: RenderableType, to: Console) -> None:
    """Print a page: broken to the terminal's width, or to COLUMNS; in a pipe not broken at all, and never cut."""
    whole = not (to.file.isatty() or "COLUMNS" in os.environ)
    to.print(Paragraph(page) if isinstance(page, str) else page, no_wrap=whole, overflow="ignore", crop=False)


class Voice:
    """Tells what is being done, with the time; what is `Passing` only on the line that moves, or now and then."""

    def __init__(self, to: Console) -> None:
        self._console = to
        self._title = ""
        self._status: Status | None = None
        self._told_s = time.monotonic()

    def __call__(self, text: str) -> None:
        if isinstance(text, Passing):
            if self._status is not None:
                self._status.update(self._one_line(text.replace("\t", "  ")))
                return
            if self._moves() or time.monotonic() - self._told_s < SELDOM_S:
                return
        elif self._status is not None:
            self._status.update(self._one_line(self._title))
        self._told_s = time.monotonic()
        number, _, said = text.partition("\t")
        lead = Text(time.strftime("%H:%M:%S  "), "dim")
        if number.strip().isdigit():
            lead, text = Text.assemble(lead, (f"{number}  ", "bold")), said
        show(Paragraph(text, lead), self._console)

    @contextmanager
    def working(self, title: str) -> Iterator[None]:
        """Have a line that moves say `title`, or what passes; nothing where there is no terminal."""
        if not self._moves():
            yield
            return
        self._title = title
        with self._console.status(self._one_line(title)) as self._status:
            try:
                yield
            finally:
                self._status = None

    def _moves(self) -> bool:
        return self._console.file.isatty() and self._console.is_terminal and not self._console.is_dumb_terminal

    def _one_line(self, text: str) -> Text:
        line = Text(text)
        line.truncate(self._console.width - 3, overflow="ellipsis")  # the spinner stands before it
        return line
