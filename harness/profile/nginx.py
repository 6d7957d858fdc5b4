"""nginx.conf as a stream proxy before the apiservers: its upstream servers and its passive checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.errors import ProfileError
from harness.profile.where import Placed, Where

_TOKEN = re.compile(r"""[ \t\r]+|\#[^\n]*|(?P<mark>[{};\n])|(?P<word>"[^"]*"|'[^']*'|[^\s{};"'#][^\s{};]*)""")
_TIME = re.compile(r"(\d+)(ms|s|m|h)?$")
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
    """One server behind nginx: after `max_fails` failures within `fail_timeout_s` it is left out for as long."""

    name: str
    address: str
    port: int
    max_fails: int
    fail_timeout_s: float
    timeout_connect_s: float


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


def listening(root: Directive) -> tuple[str, int] | None:
    """Return address ("" for every one) and port of the first stream server."""
    for server in _servers(root):
        if (listen := server.last("listen")) is not None:
            host, _, port = listen.words[1].rpartition(":")
            return host.strip("[]"), int(port)
    return None


def upstreams(root: Directive, name: str) -> Iterator[Upstream]:
    """Yield the servers of the group that the first stream server passes to; raise ProfileError with the line."""
    for server in _servers(root):
        passed = server.last("proxy_pass")
        groups = {b.words[1]: b for stream in root.all("stream") for b in stream.all("upstream") if len(b.words) > 1}
        if passed is None or passed.words[-1] not in groups:
            raise ProfileError(f"{name}:{server.line}: proxy_pass has to name an upstream of the same stream block")
        connect = server.last("proxy_connect_timeout")
        for one in groups[passed.words[-1]].all("server"):
            try:
                yield _upstream(one, seconds(connect.words[1]) if connect else 60.0, Where(name, one.line))
            except (ValueError, IndexError) as error:
                raise ProfileError(f"{name}:{one.line}: server {' '.join(one.words[1:])}: {error}") from error
        return


def _servers(root: Directive) -> Iterator[Directive]:
    return (server for stream in root.all("stream") for server in stream.all("server"))


def _upstream(server: Directive, connect_s: float, where: Where) -> Upstream:
    options = dict(word.split("=", 1) for word in server.words[2:] if "=" in word)
    address, _, port = server.words[1].rpartition(":")
    return Upstream(
        where={"": where},
        name=server.words[1],
        address=address,
        port=int(port),
        max_fails=int(options.get("max_fails", "1")),
        fail_timeout_s=seconds(options.get("fail_timeout", "10s")),
        timeout_connect_s=connect_s,
    )


def seconds(text: str) -> float:
    """Return an nginx time in seconds."""
    match = _TIME.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time such as 500ms, 10s or 1m")
    return int(match[1]) * _UNIT_S[match[2]]
