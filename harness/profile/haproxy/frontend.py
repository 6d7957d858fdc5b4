"""Where haproxy listens, and what it logs of what it hears there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.errors import ProfileError
from harness.profile.haproxy import address
from harness.profile.haproxy.section import Section, effective
from harness.profile.haproxy.values import seconds, value_of
from harness.profile.where import Placed, Where

_TELLING = (("option", "tcplog"), ("option", "httplog"), ("log-format",))
_SETTINGS = ("mode", "default_backend", "timeout client", "option tcplog", "option httplog", "log-format")


@dataclass(frozen=True)
class Frontend(Placed):
    """A frontend or listen section: where it listens, and which backend it hands to ("" where none is set).

    `binds` are (address, port): "" or * is every address, of several ports it is the first, a socket's is 0, and so
    is one that an environment variable holds. An unset `timeout_client_s` is infinite. `backends` are all that it may
    hand to, a listen's own servers first. `tls` says that it speaks TLS itself. `where` also has `bind`, the last of
    its lines, and `timeout client`.
    """

    name: str
    binds: tuple[tuple[str, int], ...]
    mode: str
    default_backend: str
    backends: tuple[str, ...]
    timeout_client_s: float
    tls: bool = False


def frontends(sections: list[Section], name: str = "") -> Iterator[Frontend]:
    """Yield every frontend and listen section; raise ProfileError with file and line of a bad setting."""
    for section in sections:
        if section.kind in ("frontend", "listen"):
            found = {word: one for word in _SETTINGS if (one := effective(section, *word.split()))}
            lines = [(Where(section.path or name, n), words) for n, words in section.lines if words[0] == "bind"]
            where = {word: one.where for word, one in found.items()} | {words[0]: place for place, words in lines}
            default = value_of(found.get("default_backend"), "", str)
            yield Frontend(
                where={"": section.place(section.line)} | where,
                name=section.name,
                binds=tuple(bind for place, words in lines for bind in _binds(words, place)),
                mode=value_of(found.get("mode"), "tcp", str),
                default_backend=default,
                backends=tuple(dict.fromkeys(filter(None, _backends(section, default)))),
                timeout_client_s=value_of(found.get("timeout client"), 0.0, seconds) or float("inf"),
                tls=any("ssl" in words for _, words in lines),
            )


def _backends(section: Section, default: str) -> Iterator[str]:
    yield from [section.name] if section.kind == "listen" else []
    yield default
    yield from (words[1] for _, words in section.lines if words[0] == "use_backend" and len(words) > 1)


def _binds(words: list[str], where: Where) -> Iterator[tuple[str, int]]:
    if len(words) < 2:
        raise ProfileError(f"{where}: bind lacks its address")
    for said in filter(None, words[1].split(",")):
        host, port = address.split(said)
        try:
            yield host, 0 if address.local(said) or address.varying(port) else address.port(port.split("-")[0])
        except ValueError as error:
            raise ProfileError(f"{where}: bind {said}: {error}") from error


def mute(sections: list[Section]) -> Iterator[Section]:
    """Yield the TCP frontends that log where a connection came from, but not how it ended."""
    for section in sections:
        if section.kind in ("frontend", "listen"):
            told = any(effective(section, *words) for words in _TELLING)
            if value_of(effective(section, "mode"), "tcp", str) == "tcp" and not told:
                yield section
