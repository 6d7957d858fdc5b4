"""Addresses as haproxy writes them (configuration manual §11; str2sa_range in src/tools.c)."""

from __future__ import annotations

import re

_FAMILY = re.compile(r"(?:(?:stream|dgram)\+)?(?:(?:ip|ipv4|ipv6|tcp|tcp4|tcp6|udp|udp4|udp6|quic4|quic6)@)?")
_LOCAL = re.compile(r"(?:(?:stream|dgram)\+)?(?:unix@|uxst@|uxdg@|abns@|fd@|sockpair@|/)")
MOST_PORT = 65535


def split(said: str) -> tuple[str, str]:
    """Return host and port as they are written, either maybe ""; a socket of the machine itself has no port.

    The last colon behind any bracket parts them, so an IPv6 address without brackets needs its port.
    """
    if _LOCAL.match(said):
        return said, ""
    plain = said[_FAMILY.match(said).end() :]  # type: ignore[union-attr]
    host, colon, port = plain.rpartition(":")
    if not colon or "]" in port:
        host, port = plain, ""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host, port


def port(said: str) -> int:
    """Return a port; raise ValueError where it is none."""
    if not re.fullmatch(r"\d{1,5}", said, re.ASCII) or int(said) > MOST_PORT:
        raise ValueError(f"{said!r} is not a port")
    return int(said)


def varying(said: str) -> bool:
    """Say whether a port is an environment variable's value, which str2sa_range looks up."""
    return said.startswith("$")


def local(said: str) -> bool:
    """Say whether an address is a socket of the machine itself, which has no port."""
    return bool(_LOCAL.match(said))
