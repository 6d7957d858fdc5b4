"""A file's text as lines: what both daemons end a line with, and how lines are put in between."""

from __future__ import annotations

from harness.errors import ProfileError


def lines(text: str, name: str) -> tuple[str, ...]:
    """Return the lines, each with its own end; only a newline ends one. Raise ProfileError at a NUL byte."""
    at = text.find("\0")
    if at >= 0:
        line = text.count("\n", 0, at) + 1
        raise ProfileError(f"{name}:{line}: a NUL byte; the file is damaged, or no text")
    return _parted(text)


def inserted(text: str, after: int, *new: str) -> str:
    """Return the text with `new` lines behind line `after` (from 1), ended as the file ends its lines."""
    found = _parted(text)
    end = "\r\n" if found and found[0].endswith("\r\n") else "\n"
    before = "".join(found[:after])
    if before and not before.endswith("\n"):
        before += end
    return before + "".join(line + end for line in new) + "".join(found[after:])


def legible(text: str) -> str:
    """Return a text to be shown or stored: a byte of it that is not UTF-8 becomes a mark."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _parted(text: str) -> tuple[str, ...]:
    *ended, last = text.split("\n")
    return (*(line + "\n" for line in ended), *([last] if last else []))
