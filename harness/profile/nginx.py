"""nginx.conf as a stream proxy before the apiservers: its upstream servers and its passive checks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.errors import ProfileError
from harness.profile.where import Placed, Where

_TOKEN = re.compile(r"""[ \t\r]+|\#[^\n]*|(?P<mark>[{};\n])|(?P<word>"[^"]*"|'[^']*'|[^\s{};"'#][^\s{};]*)""")
_TIME = re.compile(r"(\d+)(ms|s|m|h)?$")
METHODS = ("least_conn", "hash", "random")
_UNIT_S = {"ms": 1e-3, "s": 1.0, None: 1.0, "m": 60.0, "h": 3600.0}


@dataclass
class Directive:
    """A directive: its words, its line (from 1), and what its braces hold."""

    words: list[str]
    line: int
    children: list[Directive] = field(default_factory=list)

    def all(self, name: str) -> Iterator[Directive]:
        return (child for child in self.children if child.words[0] == name)

    def last(self, name: str) -> Directive | None:
        return next(reversed(list(self.all(name))), None)


@dataclass(frozen=True)
class Upstream(Placed):
    """One server behind nginx: after `max_fails` failures within `fail_timeout_s` it is left out for as long.

    `method` is how its group chooses, "" in turns; `elsewhere`: a connection that does not come about is tried at
    another.
    """

    name: str
    address: str
    port: int
    max_fails: int
    fail_timeout_s: float
    timeout_connect_s: float
    timeout_idle_s: float
    weight: int
    backup: bool
    method: str
    elsewhere: bool


def parse(text: str, name: str) -> Directive:
    """Return the root; raise ProfileError with the line of a brace or a statement that does not end."""
    root = Directive([], 0)
    blocks, words, line, started, at = [root], list[str](), 1, 1, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ProfileError(f"{name}:{line}: a quote that is never closed; close it")
        at = match.end()
        if word := match["word"]:
            started = started if words else line
            words.append(word.strip("\"'"))
            line += word.count("\n")
        elif match["mark"] == "\n":
            line += 1
        elif match["mark"] == "}":
            if words or len(blocks) == 1:
                what = f"`{words[0]}` lacks its semicolon" if words else "a closing brace with no block open"
                raise ProfileError(f"{name}:{started if words else line}: {what}")
            blocks.pop()
        elif match["mark"]:
            if not words:
                raise ProfileError(f"{name}:{line}: `{match['mark']}` follows nothing")
            blocks[-1].children.append(Directive(words, started))
            if match["mark"] == "{":
                blocks.append(blocks[-1].children[-1])
            words = []
    if words or len(blocks) > 1:
        left = Directive(words, started) if words else blocks[-1]
        raise ProfileError(f"{name}:{left.line}: `{' '.join(left.words)}` is never ended")
    return root


@dataclass(frozen=True)
class StreamServer(Placed):
    """One stream server: where it listens ("" is every address), the group that it passes to, and that group's."""

    binds: tuple[tuple[str, int], ...]
    group: str
    upstreams: tuple[Upstream, ...]


def streams(root: Directive, name: str) -> Iterator[StreamServer]:
    """Yield the stream servers that speak TCP; raise ProfileError with the line of what is not understood."""
    groups = {b.words[1]: b for stream in root.all("stream") for b in stream.all("upstream") if len(b.words) > 1}
    for around, server in ((stream, server) for stream in root.all("stream") for server in stream.all("server")):
        listens = [one for one in server.all("listen") if len(one.words) > 1]
        if listens and all("udp" in one.words for one in listens):
            continue
        passed = server.last("proxy_pass")
        if passed is None or passed.words[-1] not in groups:
            raise ProfileError(f"{name}:{server.line}: proxy_pass has to name an upstream of the same stream block")
        group = groups[passed.words[-1]]
        yield StreamServer(
            where={"": Where(name, server.line)},
            binds=tuple(_listening(one, name) for one in listens),
            group=group.words[1],
            upstreams=tuple(_upstreams(group, [server, around], name)),
        )


def included(root: Directive) -> tuple[str, int] | None:
    """Return what is included where a stream block or a server of one may be, and its line; None where nothing is."""
    found = [one for block in (*root.all("stream"), root) for one in block.all("include") if len(one.words) > 1]
    return next(((one.words[1], one.line) for one in found if "modules" not in one.words[1]), None)


def _listening(listen: Directive, name: str) -> tuple[str, int]:
    host, _, port = listen.words[1].rpartition(":")
    if not port.isdecimal():
        raise ProfileError(f"{name}:{listen.line}: listen {listen.words[1]}: {port!r} is not a port")
    return host.strip("[]"), int(port)


def _upstreams(group: Directive, lineage: Sequence[Directive], name: str) -> Iterator[Upstream]:
    """Yield the servers of a group that are not `down`; what is set in the first block of the lineage that says it."""
    method = next((word for word in METHODS if group.last(word)), "")
    connect = _inherited(lineage, "proxy_connect_timeout")
    idle = _inherited(lineage, "proxy_timeout")
    off, tries = _inherited(lineage, "proxy_next_upstream"), _inherited(lineage, "proxy_next_upstream_tries")
    once = (off is not None and "off" in off.words) or (tries is not None and tries.words[1:2] == ["1"])
    for one in group.all("server"):
        if "down" in one.words:
            continue
        try:
            yield Upstream(
                where={"": Where(name, one.line)},
                **_said(one),
                timeout_connect_s=seconds(connect.words[1]) if connect else 60.0,
                timeout_idle_s=seconds(idle.words[1]) if idle else 600.0,
                method=method,
                elsewhere=not once,
            )
        except (ValueError, IndexError) as error:
            raise ProfileError(f"{name}:{one.line}: server {' '.join(one.words[1:])}: {error}") from error


def _inherited(lineage: Sequence[Directive], name: str) -> Directive | None:
    return next((found for block in lineage if (found := block.last(name))), None)


def _said(server: Directive) -> dict[str, Any]:
    """Return what a server's own line says."""
    options = dict(word.split("=", 1) for word in server.words[2:] if "=" in word)
    address, _, port = server.words[1].rpartition(":")
    return {
        "name": server.words[1],
        "address": address,
        "port": int(port),
        "max_fails": int(options.get("max_fails", "1")),
        "fail_timeout_s": seconds(options.get("fail_timeout", "10s")),
        "weight": int(options.get("weight", "1")),
        "backup": "backup" in server.words,
    }


def seconds(text: str) -> float:
    """Return an nginx time in seconds."""
    match = _TIME.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time such as 500ms, 10s or 1m")
    return int(match[1]) * _UNIT_S[match[2]]
