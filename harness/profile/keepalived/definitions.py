"""`$NAME=value` and its uses `$NAME`, `${NAME}`, as keepalived 2.2.7 puts them in (lib/parser.c, replace_param)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from harness.errors import ProfileError

_DEFINITION = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)=[ \t]*(.*)", re.DOTALL)
# Without braces a name must end where a word does: `$NET.1` is no use of NET, and stays as it is.
_USE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*)(?=[ \t,)]|$))", re.DOTALL)
MOST_USES = 1000


@dataclass
class _Definition:
    """A definition's lines; `several` where it goes over more than one."""

    lines: list[str]
    several: bool = False


@dataclass
class Definitions:
    """What is defined so far; `node` is what $_INSTANCE stands for."""

    node: str | None
    known: dict[str, _Definition] = field(default_factory=dict)
    open: _Definition | None = None

    def __post_init__(self) -> None:
        self.known |= {"_HASH": _Definition(["#"]), "_BANG": _Definition(["!"])}
        if self.node is not None:
            self.known["_INSTANCE"] = _Definition([self.node])

    @property
    def goes_on(self) -> bool:
        """Say whether the next line belongs to a definition."""
        return self.open is not None

    def define(self, line: str) -> bool:
        """Take a line in if it is a definition, and say whether it is."""
        found = _DEFINITION.fullmatch(line) if line.startswith("$") else None
        if found is None:
            return False
        name, value = found.groups()
        self.known[name] = made = _Definition([])
        if value.endswith("\\"):
            made.several, self.open = True, made
            value = value[:-1].rstrip(" \t")
        if value or not made.several:
            made.lines.append(value)
        return True

    def further(self, line: str) -> None:
        """Add a line to the definition that goes on; one that says nothing ends it."""
        assert self.open is not None
        on = line.endswith("\\")
        text = line[:-1].rstrip(" \t") if on else line
        if text:
            self.open.lines.append(text)
        if not on:
            if not self.open.lines:
                self.open.several = False
            self.open = None

    def put_in(self, line: str, folder: str, where: str, most_bytes: int) -> tuple[str, list[str]] | None:
        """Return a line with every use replaced, and a definition's lines that follow it; None if there is no use.

        A definition of several lines is put in only at the end of a line. Raise ProfileError where it would never end.
        """
        at, uses = 0, 0
        further: list[str] = []
        while found := _USE.search(line, at):
            name = found[1] or found[2]
            value = self.known.get(name) or (_Definition([folder]) if name == "_PWD" else None)
            if value is None or (value.several and found.end() < len(line)):
                at = found.start() + 1
                continue
            uses += 1
            first, *rest = value.lines or [""]
            line, at = line[: found.start()] + first + line[found.end() :], found.start()
            further = rest + further
            if uses > MOST_USES or len(line.encode("utf-8", "replace")) > most_bytes:
                raise ProfileError(
                    f"{where}: with ${name} put in the line is longer than {most_bytes} bytes, or ${name} stands for "
                    "itself; shorten it"
                )
            if first.lstrip(" \t").startswith("~"):
                break
        return (line, further) if uses else None
