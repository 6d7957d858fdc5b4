"""haproxy.cfg as sections of lines, and the settings of its servers' checks that timing follows from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.errors import ProfileError
from harness.profile.where import Placed, Where

SECTIONS = frozenset(
    [
        "global",
        "defaults",
        "frontend",
        "backend",
        "listen",
        "userlist",
        "peers",
        "resolvers",
        "mailers",
        "cache",
        "program",
        "ring",
    ]
)
_TIME = re.compile(r"(\d+)(us|ms|s|m|h|d)?$")
_UNIT_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, None: 1e-3}


@dataclass
class Section:
    """A section: its kind and name, the line it starts on (from 1), and its lines as (number, words)."""

    kind: str
    name: str
    line: int
    lines: list[tuple[int, list[str]]] = field(default_factory=list)

    def first(self, *words: str) -> list[str] | None:
        """Return the words behind the last line that starts with `words`, as haproxy takes it."""
        found = None
        for _, line in self.lines:
            if line[: len(words)] == list(words):
                found = line[len(words) :]
        return found


@dataclass(frozen=True)
class Server(Placed):
    """A backend's server and its health check; times in seconds, `timeout_check_s` None where unset."""

    backend: str
    name: str
    address: str
    port: int
    checked: bool
    layer7: bool
    inter_s: float
    fastinter_s: float
    downinter_s: float
    fall: int
    rise: int
    timeout_connect_s: float
    timeout_check_s: float | None


def seconds(text: str) -> float:
    """Return a haproxy time in seconds; milliseconds where no unit is given."""
    match = _TIME.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time such as 2000, 10s or 1m")
    return int(match[1]) * _UNIT_S[match[2]]


def parse(text: str, name: str) -> list[Section]:
    """Return the file's sections in order; raise ProfileError for a line outside any."""
    found: list[Section] = []
    for number, raw in enumerate(text.splitlines(), 1):
        words = raw.split("#", 1)[0].split()
        if not words:
            continue
        if words[0] in SECTIONS:
            found.append(Section(words[0], words[1] if len(words) > 1 else "", number))
        elif not found:
            raise ProfileError(f"{name}:{number}: `{words[0]}` stands before any section; start with `global`")
        else:
            found[-1].lines.append((number, words))
    return found


def servers(sections: list[Section], name: str) -> Iterator[Server]:
    """Yield every server with its effective check settings; raise ProfileError with the line of a bad one."""
    defaults = Section("defaults", "", 0)
    for section in sections:
        if section.kind == "defaults":
            defaults = section
        if section.kind not in ("backend", "listen"):
            continue
        presets = section.first("default-server") or defaults.first("default-server") or []
        for number, words in section.lines:
            if words[0] == "server":
                try:
                    yield _server(section, defaults, [*words[:3], *presets, *words[3:]], Where(name, number))
                except (ValueError, IndexError) as error:
                    raise ProfileError(f"{name}:{number}: {' '.join(words[:2])}: {error}") from error


def _server(section: Section, defaults: Section, words: list[str], where: Where) -> Server:
    def option(keyword: str, default: str) -> str:
        at = [i for i, word in enumerate(words) if i > 2 and word == keyword]
        return words[at[-1] + 1] if at else default

    def effective(*line: str) -> list[str] | None:
        own = section.first(*line)
        return defaults.first(*line) if own is None else own

    address, _, port = words[2].rpartition(":")
    inter_s = seconds(option("inter", "2s"))
    check = effective("timeout", "check")
    connect = effective("timeout", "connect")
    return Server(
        where={"": where},
        backend=section.name,
        name=words[1],
        address=address,
        port=int(port),
        checked="check" in words[3:],
        layer7=effective("option", "httpchk") is not None,
        inter_s=inter_s,
        fastinter_s=seconds(option("fastinter", f"{int(inter_s * 1000)}")),
        downinter_s=seconds(option("downinter", f"{int(inter_s * 1000)}")),
        fall=int(option("fall", "3")),
        rise=int(option("rise", "2")),
        timeout_connect_s=seconds(connect[0]) if connect else float("inf"),
        timeout_check_s=seconds(check[0]) if check else None,
    )


def ports(section: Section) -> Iterator[int]:
    """Yield the ports that a frontend listens on."""
    for _, words in section.lines if section.kind in ("frontend", "listen") else ():
        if words[0] == "bind" and len(words) > 1:
            for address in words[1].split(","):
                if (port := address.rpartition(":")[2]).isdigit():
                    yield int(port)


def stats_socket(sections: list[Section]) -> str | None:
    """Return the path of the first stats socket in the global section, if there is one."""
    for section in sections:
        if section.kind == "global":
            words = section.first("stats", "socket")
            if words and words[0].startswith("/"):
                return words[0]
    return None


def mute(sections: list[Section]) -> Iterator[Section]:
    """Yield the TCP frontends that log where a connection came from, but not how it ended."""
    defaults = Section("defaults", "", 0)
    for section in sections:
        if section.kind == "defaults":
            defaults = section
        if section.kind not in ("frontend", "listen"):
            continue
        mode = section.first("mode") or defaults.first("mode") or ["tcp"]
        formats = (("option", "tcplog"), ("option", "httplog"), ("log-format",))
        told = any((section.first(*words) or defaults.first(*words)) is not None for words in formats)
        if mode == ["tcp"] and not told:
            yield section
