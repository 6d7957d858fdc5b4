"""Which daemons files are for, where that changes what is right."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.errors import UsageError

Version = tuple[int, ...]


@dataclass(frozen=True)
class Versions:
    """keepalived's and haproxy's; without a word those of Debian 12, which all that is predicted holds for."""

    keepalived: Version = (2, 2, 7)
    haproxy: Version = (2, 6, 12)


DEBIAN = Versions()


def versions(keepalived: str | None, haproxy: str | None) -> Versions:
    """Return the versions that are meant; raise UsageError for what is none."""
    return Versions(_version(keepalived, DEBIAN.keepalived), _version(haproxy, DEBIAN.haproxy))


def _version(said: str | None, otherwise: Version) -> Version:
    if said is None:
        return otherwise
    found = re.match(r"v?(\d+(?:\.\d+)+)", said)
    if not found:
        raise UsageError(f"{said!r} is no version such as 2.2.7")
    return tuple(map(int, found[1].split(".")))


def told(version: Version) -> str:
    """Return a version as one writes it."""
    return ".".join(map(str, version))
