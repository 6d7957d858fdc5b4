"""haproxy.cfg as sections of lines, each with the defaults that it takes over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from harness.errors import ProfileError
from harness.profile.haproxy.conditions import Conditions
from harness.profile.haproxy.rules import Rules, rules
from harness.profile.haproxy.words import Environment, split
from harness.profile.source import lines
from harness.profile.where import Remark, Where

PROXIES = ("frontend", "backend", "listen")
_OTHERS = "userlist peers resolvers mailers cache program ring http-errors log-forward fcgi-app namespace_list"
SECTIONS = frozenset(["global", "defaults", *PROXIES, *_OTHERS.split()])
# Where a line has an address, in which variables count without quotes too.
_ADDRESSES = {"server": 2, "server-template": 3, "bind": 1}


class Setting(NamedTuple):
    """A setting that holds: where it is written, its name, and the words behind that."""

    where: Where
    name: str
    words: list[str]


@dataclass
class Section:
    """A section: its kind and name, the line it starts on (from 1), and its lines as (number, words).

    `defaults` is the section whose settings hold where this one is silent, `path` what the user calls the file,
    `beyond` what stands behind the name.
    """

    kind: str
    name: str
    line: int
    lines: list[tuple[int, list[str]]] = field(default_factory=list)
    path: str = ""
    defaults: Section | None = None
    beyond: tuple[str, ...] = ()

    @property
    def lineage(self) -> Iterator[Section]:
        """Yield this section, the defaults that it takes over, and those that these do."""
        section: Section | None = self
        while section:
            yield section
            section = section.defaults

    def first(self, *words: str) -> list[str] | None:
        """Return the words behind the last line that starts with `words`, as haproxy takes it."""
        found = None
        for _, line in self.lines:
            if line[: len(words)] == list(words):
                found = line[len(words) :]
        return found

    @cached_property
    def last(self) -> dict[tuple[str, ...], Setting | None]:
        """Return the last line of each setting, by its first word and its first two; None where that says `no`."""
        found: dict[tuple[str, ...], Setting | None] = {}
        for number, words in self.lines:
            negated = words[0] in ("no", "default")
            name = words[1:3] if negated else words[:2]
            for size in (1, 2):
                key = tuple(name[:size])
                found[key] = None if negated else Setting(self.place(number), " ".join(key), words[size:])
        return found

    @cached_property
    def rules(self) -> dict[str, Rules | None]:
        """Return what the lines come to that make up health checks, by their first word."""
        return {verb: rules(self.lines, verb) for verb in ("http-check", "tcp-check")}

    def place(self, line: int) -> Where:
        return Where(self.path, line)


class Sections(list[Section]):
    """A file's sections in order, over the lines that they were read from.

    `remarks` say what no file tells of a condition; `alerts` are the lines with which the file itself has haproxy stop.
    """

    path: str = ""
    lines: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    alerts: tuple[Where, ...] = ()


def effective(section: Section, *words: str) -> Setting | None:
    """Return the setting of one or two words that holds in a section, its own or its defaults'; None after a `no`."""
    for one in section.lineage:
        if words in one.last:
            return one.last[words]
    return None


def parse(text: str, name: str) -> Sections:
    """Return the file's sections in order; raise ProfileError with file and line of what haproxy cannot take.

    Variables that the file sets are put in; others stay as they are written. What an .if leaves out is left out.
    """
    reading = _Reading(name)
    reading.found.path, reading.found.lines = name, lines(text, name)
    for number, raw in enumerate(reading.found.lines, 1):
        try:
            words = split(raw, reading.environment)
            if words and words[0]:
                reading.take(words, number)
        except ValueError as error:
            raise ProfileError(f"{name}:{number}: {error}") from error
    if reading.conditions.open:
        raise ProfileError(f"{name}:{len(reading.found.lines)}: an .if is never closed; add .endif")
    return reading.found


class _Reading:
    """What has been read of a file so far."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.found = Sections()
        self.environment = Environment()
        self.conditions = Conditions(self.environment)
        self.defaults: Section | None = None
        self.named: dict[str, list[Section]] = {}

    def take(self, words: list[str], number: int) -> None:
        """Take one line in; raise ValueError where it makes no sense."""
        if words[0].startswith("."):
            unsure = self.conditions.take(words)
            where = Where(self.path, number)
            self.found.remarks += tuple(Remark(where, text) for text in unsure)
            self.found.alerts += (where,) if words[0] == ".alert" and self.conditions.hold else ()
        elif words[0].startswith("[") or not self.conditions.hold:
            pass
        elif words[0] in SECTIONS:
            self._begin(words, number)
        elif not self.found:
            raise ValueError(f"`{words[0]}` stands before any section; start with `global`")
        else:
            if self.found[-1].kind == "global":
                self.environment.take(words)
            at = _ADDRESSES.get(words[0], len(words))
            words[at : at + 1] = map(self.environment.in_address, words[at : at + 1])
            self.found[-1].lines.append((number, words))

    def _begin(self, words: list[str], number: int) -> None:
        """Begin a section; a proxy takes over the last defaults before it, or those that it names."""
        kind, name, *rest = [*words, ""] if len(words) == 1 else words
        if kind == "defaults" and name == "from" and len(rest) == 1:
            name, rest = "", [name, *rest]
        base = rest[1] if kind in (*PROXIES, "defaults") and rest[:1] == ["from"] and len(rest) > 1 else None
        if kind in PROXIES and not name:
            raise ValueError(f"{kind} takes a name")
        if base is not None and len(self.named.get(base, ())) != 1:
            raise ValueError(f"not exactly one defaults section is named {base}, so none can be taken over")
        inherited = self.named[base][0] if base is not None else self.defaults if kind in PROXIES else None
        beyond = tuple(rest) if base is None else ()
        self.found.append(Section(kind, name, number, [], self.path, inherited, beyond))
        if kind == "defaults":
            self.defaults = self.found[-1]
            self.named.setdefault(name, []).append(self.found[-1])


def render(sections: Sections) -> str:
    """Return the text that sections were parsed from, byte for byte."""
    return "".join(sections.lines)


def stats_socket(sections: list[Section]) -> str | None:
    """Return the path of the first stats socket in the global section, if there is one."""
    for section in sections:
        if section.kind == "global":
            words = section.first("stats", "socket")
            if words and words[0].removeprefix("unix@").startswith("/"):
                return words[0].removeprefix("unix@")
    return None
