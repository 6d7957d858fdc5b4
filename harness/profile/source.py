"""A file's text as lines: what both daemons end a line with, and how a line is put in between."""

from __future__ import annotations

from harness.errors import ProfileError


def lines(text: str, name: str) -> tuple[str, ...]:
    """Return the lines, each with its own end; only a newline ends one. Raise ProfileError at a NUL byte."""
    at = text.find("\0")
    if at >= 0:
        line = text.count("\n", 0, at) + 1
        raise ProfileError(f"{name}:{line}: a NUL byte; the file is damaged, or no text")
    found = text.split("\n")
    last = found.pop()
    return (*(line + "\n" for line in found), *([last] if last else []))


def inserted(text: str, after: int, *new: str) -> str:
    """Return the text with `new` lines behind line `after` (from 1), ended as the file ends its lines."""
    found = text.split("\n")
    end = "\r\n" if found[0].endswith("\r") else "\n"
    before = "\n".join(found[:after])
    before += "\n" if len(found) > after else ""
    if before and not before.endswith("\n"):
        before += end
    return before + "".join(line + end for line in new) + "\n".join(found[after:])
