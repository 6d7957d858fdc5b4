"""What a check script looks at, read from its text: processes by name, and requests to the node or the VIP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from harness.profile.files import HAPROXY
from harness.profile.folder import Profile

READY = ("readyz", "healthz")  # the paths whose answer depends on etcd
_LOOKUP = re.compile(
    r"\b(?:killall(?:\s+-\S+)*\s+-0|pidof|pgrep|systemctl(?:\s+-\S+)*\s+is-active)(?:\s+-\S+)*\s+(\w[\w./-]*)"
)
_REQUEST = re.compile(r"\b(curl|wget|nc|ncat)\b(?P<words>[^\n|;&]*)")
_URL = re.compile(r"(?:(?P<scheme>https?)://)?(?P<host>\[[^\]]*\]|[\w.*-]+)(?::(?P<port>\d+))?(?P<path>/[^\s\"']*)?")
_HOST_PORT = re.compile(r"\s(?P<host>[\w.:][\w.:-]*)\s+(?P<port>\d+)(?!\S)")
_LIMIT = re.compile(r"(?:--max-time|-m|-T|--timeout|-w)[ =](\d+(?:\.\d+)?)")
_FAILS = re.compile(r"\s(-\w*f\w*|--fail)\b")


class Way(Enum):
    """Where a request of a script goes."""

    BALANCER = auto()
    APISERVER = auto()
    VIP = auto()


@dataclass(frozen=True)
class Lookup:
    """Passes while a process of that name exists, were it hung."""

    process: str


@dataclass(frozen=True)
class Request:
    """Passes when a request is answered within `limit_s`; `minds` says whether an error status fails it.

    `asks_ready` says that the answer depends on etcd's quorum, `connects` that a TCP connection is all it wants.
    """

    way: Way
    minds: bool
    asks_ready: bool
    connects: bool
    limit_s: float


Probe = Lookup | Request


def probes(profile: Profile, node: str, command: str) -> tuple[Probe, ...]:
    """Return what a vrrp_script's command looks at, as far as its text tells; all of it must pass."""
    files = {file.path: file.text for file in profile.files[node]}
    text = "\n".join([command, *(files[word] for word in command.split() if word in files)])
    code = "\n".join(line for line in text.splitlines() if not re.match(r"\s*(#|echo\b|errorExit\(\))", line))
    for name, value in re.findall(r"^\s*(\w+)=[\"']?([^\s\"']+)", code, re.MULTILINE):
        code = re.sub(rf"\$(?:{name}\b|\{{{name}\}})", value, code)
    return tuple(dict.fromkeys([*map(Lookup, _LOOKUP.findall(code)), *_requests(profile, node, code)]))


def asks_ready(lines: Iterable[list[str]]) -> bool:
    """Say whether haproxy's checks ask for a path whose answer depends on etcd, by the words of their lines."""
    asking = (words for words in lines if words[:2] in (["http-check", "send"], ["option", "httpchk"]))
    return any(path in word for words in asking for word in words for path in READY)


def _requests(profile: Profile, node: str, code: str) -> Iterator[Request]:
    servers = profile.servers.get(node, [])
    fronts = {profile.facts.port, *_bound(profile, node)} if servers else set()
    backs = {s.port for s in servers} or {profile.facts.port}
    for found in _REQUEST.finditer(code):
        program, words = found[1], found["words"]
        plain = program in ("nc", "ncat")
        url = _HOST_PORT.search(words) if plain else _asked(words)
        if url is None:
            continue
        port = int(url["port"] or (80 if url["scheme"] == "http" else 443))
        if url["host"] == str(profile.facts.vip):
            way = Way.VIP
        elif port in fronts or port in backs:
            way = Way.BALANCER if port in fronts else Way.APISERVER
        else:
            continue
        limit = _LIMIT.search(words)
        yield Request(
            way=way,
            minds=program == "wget" or bool(_FAILS.search(words)),
            asks_ready=not plain and any(path in (url["path"] or "") for path in READY),
            connects=plain,
            limit_s=float(limit[1]) if limit else float("inf"),
        )


def _asked(words: str) -> re.Match[str] | None:
    """Return the first URL, or address with a port, among a command's words."""
    urls = (_URL.fullmatch(word.strip("\"'")) for word in words.split())
    return next((url for url in urls if url and (url["scheme"] or url["port"])), None)


def _bound(profile: Profile, node: str) -> set[int]:
    """Return the ports that the node's haproxy listens on."""
    text = next((f.text for f in profile.files[node] if f.path == HAPROXY), "")
    return {int(port) for port in re.findall(r"^\s*bind\s+\S*:(\d+)", text, re.MULTILINE)}
