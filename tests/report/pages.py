"""Pages as a terminal of some width shows them, and as a pipe gets them."""

from __future__ import annotations

import io
import re

from rich.cells import cell_len
from rich.console import Console, RenderableType


def shown(page: RenderableType, width: int = 80) -> list[str]:
    """Return the lines of a terminal, none of them cut by the console."""
    file = io.StringIO()
    Console(file=file, width=width, highlight=False).print(page, crop=False, overflow="ignore")
    return file.getvalue().splitlines()


def piped(page: RenderableType) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=80, highlight=False).print(page, crop=False, overflow="ignore", no_wrap=True)
    return file.getvalue().splitlines()


def assert_readable(page: RenderableType, width: int = 80) -> None:
    """Have no line be too long, unless it is one word, none padded, and every figure and path unbroken on a line."""
    lines, whole = shown(page, width), piped(page)
    assert [line for line in lines if cell_len(line) > width and len(line.split()) > 1] == []
    assert [line for line in lines + whole if line != line.rstrip() or "…" in line.replace("min … max", "")] == []
    assert _marked(lines) == _marked(whole)


def _marked(lines: list[str]) -> list[str]:
    """Return the words with a digit or a slash in them."""
    return sorted(word for line in lines for word in line.split() if re.search(r"[\d/]", word))
