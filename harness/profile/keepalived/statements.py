"""A configuration as the statements that keepalived 2.2.7 reads one after the other (lib/parser.c, read_line).

A statement is a brace, or what stands between braces and line ends: comments gone, definitions put in, conditions
decided for a node, included files in their place.
"""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from harness.errors import ProfileError
from harness.profile.keepalived.definitions import Definitions
from harness.profile.keepalived.included import matching
from harness.profile.keepalived.words import bare, bare_once
from harness.profile.source import lines
from harness.profile.where import Lack, Where

# keepalived reads 1023 bytes at a time, and takes the rest of a longer line for a line of its own.
MOST_BYTES = 1023
# How many lines definitions and includes may add to a file; beyond it they stand for themselves, or multiply.
MOST_DEFINED, MOST_INCLUDED = 10_000, 100_000
_INCLUDE = re.compile(r"include[rmwba]?\s[ \t]*(.*)")
_BRACE = re.compile(r'"[^"]*"|([{}"])')


class Statement(NamedTuple):
    """What keepalived takes as one statement; `folder` is where relative paths start."""

    text: str
    name: str
    line: int
    folder: str

    def saying(self, text: str) -> Statement:
        """Return another statement of the same place."""
        return Statement(text, self.name, self.line, self.folder)

    @property
    def where(self) -> str:
        return f"{self.name}:{self.line}"


@dataclass
class _File:
    """A file being read, and the others that the same include names."""

    path: str
    name: str
    lines: Iterator[tuple[int, str]]
    others: list[str] = field(default_factory=list)

    @cached_property
    def folder(self) -> str:
        return posixpath.dirname(self.path)


@dataclass
class Reader:
    """Reads statements; `files` are the node's by path (None: leave includes alone), `shown` what to call them.

    `missing` says which includes name none of these; `named` is where each node first is that lines are for.
    """

    node: str | None
    files: Mapping[str, str] | None
    shown: Mapping[str, str]
    definitions: Definitions = field(init=False)
    pending: deque[Statement] = field(default_factory=deque)
    stack: list[_File] = field(default_factory=list)
    missing: list[Lack] = field(default_factory=list)
    named: dict[str, Where] = field(default_factory=dict)
    defined: int = 0
    included: int = 0

    def read(self, text: str, name: str, path: str) -> Iterator[Statement]:
        """Yield the statements of a file and of those that it includes; raise ProfileError with file and line."""
        self.definitions = Definitions(self.node)
        self.stack.append(_File(path, name, iter(enumerate(lines(text, name), 1))))
        while line := self.pending.popleft() if self.pending else self._next():
            decided = self._decided(line)
            if not decided.text:
                continue
            found = _INCLUDE.fullmatch(decided.text) if decided.text.startswith("include") else None
            if found and self.files is not None:
                self._include(found[1], decided, self.files, twice=not line.text.startswith("include"))
            elif decided.text.startswith(("~SEQ", "~LST")):
                yield decided
            else:
                yield self._upto_brace(decided)

    def _next(self) -> Statement | None:
        """Return the next line that says something, without its comment; None at the end of all files."""
        while self.stack:
            file = self.stack[-1]
            for number, raw in file.lines:
                line = self._bare(raw, f"{file.name}:{number}")
                if self.definitions.goes_on:
                    self.definitions.further(line)
                elif line:
                    return Statement(line, file.name, number, file.folder)
            self.stack.pop()
            if file.others:
                self._open(file.others)
        return None

    @staticmethod
    def _bare(raw: str, where: str) -> str:
        if len(raw) > MOST_BYTES // 4 and len(raw.encode("utf-8", "replace")) > MOST_BYTES:
            told = f"longer than {MOST_BYTES} bytes: keepalived takes the rest for another line; break it"
            raise ProfileError(f"{where}: {told}")
        line = bare(raw.rstrip("\r\n"))
        if line is None:
            raise ProfileError(f"{where}: no closing quotation; close the quote")
        return line

    def _decided(self, line: Statement) -> Statement:
        """Return a line with its condition decided and its definitions put in; empty where it has no effect."""
        text = line.text
        while text[:1] in "@$" or "$" in text:
            if text.startswith("@"):
                text = self._for_node(text, line)
            if not text or self.definitions.define(text):
                return line.saying("")
            if text.startswith("~"):
                break
            put_in = self.definitions.put_in(text, line.folder, line.where, MOST_BYTES)
            if put_in is None:
                break
            again = bare_once(put_in[0])
            if again is None:
                raise ProfileError(f"{line.where}: no closing quotation with its definitions put in; close the quote")
            text = again
            self.defined += len(put_in[1])
            if self.defined > MOST_DEFINED:
                told = f"definitions come to more than {MOST_DEFINED} lines, or one stands for itself; simplify"
                raise ProfileError(f"{line.where}: {told}")
            self.pending.extendleft(line.saying(more) for more in reversed(put_in[1]))
        return line if text is line.text else line.saying(text)

    def _for_node(self, text: str, line: Statement) -> str:
        """Return what a line `@node …` or `@^node …` says to the node."""
        other = text.startswith("@^")
        name, *said = re.split(r"[ \t]+", text[2 if other else 1 :], maxsplit=1)
        self.named.setdefault(name, Where(line.name, line.line))
        return said[0] if said and (name == self.node) != other else ""

    def strangers(self, nodes: Set[str]) -> Iterator[Lack]:
        """Yield that lines are for nodes none of which is here, and what they are called."""
        if self.named and not self.named.keys() & nodes:
            name, at = next(iter(self.named.items()))
            names = ", ".join(f"@{one}" for one in self.named)
            told = f"lines for {names}, and no node here is called so: keepalived skips them, unless its -i says so"
            yield Lack(at, told, f"whether keepalived is started with -i {name} ({at}): no node here is called so")

    def _upto_brace(self, line: Statement) -> Statement:
        """Return what stands before the next brace, or the brace itself; the rest is read next."""
        at = _brace(line.text)
        if at < 0:
            return line
        cut = at or 1
        rest = line.text[cut:].strip(" \t")
        if rest:
            self.pending.appendleft(line.saying(rest))
        return line.saying(line.text[:cut].rstrip(" \t"))

    def _include(self, pattern: str, line: Statement, files: Mapping[str, str], twice: bool) -> None:
        try:
            paths = matching(pattern, line.folder, files)
        except ValueError as error:
            raise ProfileError(f"{line.where}: include {pattern}: {error}") from error
        for path in paths:
            if any(path == file.path for file in self.stack):
                told = f"include {pattern} comes back to {path}, which is being read; remove it"
                raise ProfileError(f"{line.where}: {told}")
            self.included += 1 + files[path].count("\n")
            if self.included > MOST_INCLUDED:
                raise ProfileError(f"{line.where}: includes come to more than {MOST_INCLUDED} lines; simplify")
        # keepalived reads a copy that it makes of everything. A line that turns out to be an include only once its
        # condition is decided stays in the copy, next to what it includes: that is read twice.
        if paths:
            self._open(paths * 2 if twice else paths)
        else:
            at = Where(line.name, line.line)
            told = f"include {pattern}: no such file is here, and what it says is not known"
            self.missing.append(Lack(at, told, f"what {at} includes, which is not here"))

    def _open(self, paths: list[str]) -> None:
        assert self.files is not None
        path, name = paths[0], self.shown.get(paths[0], paths[0])
        self.stack.append(_File(path, name, iter(enumerate(lines(self.files[path], name), 1)), paths[1:]))


def _brace(text: str) -> int:
    """Return where the first brace outside double quotes stands, or -1."""
    if "{" in text or "}" in text:
        for found in _BRACE.finditer(text):
            if found[1]:
                return -1 if found[1] == '"' else found.start()
    return -1
