"""An operator's files: where the daemons' own belong on a node, and how each is read."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from harness.errors import ProfileError

KEEPALIVED = "/etc/keepalived/keepalived.conf"
HAPROXY = "/etc/haproxy/haproxy.cfg"
NGINX = "/etc/nginx/nginx.conf"
# What a daemon's own file is called in a folder, and where it belongs on a node.
HOMES = {"keepalived.conf": KEEPALIVED, "haproxy.cfg": HAPROXY, "nginx.conf": NGINX}
MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class File:
    """One file of a node: where it goes, what it holds, its mode, and where the operator has it."""

    path: str
    text: str
    mode: int = 0o644
    source: str = ""

    @property
    def executable(self) -> bool:
        """Say whether its owner may execute it, which on a node is root."""
        return bool(self.mode & stat.S_IXUSR)


def mode(source: Path) -> int:
    """Return the mode that a file gets on a node: whether it can be run is all that counts."""
    return 0o755 if source.stat().st_mode & stat.S_IXUSR else 0o644


def shown(path: Path) -> str:
    """Return a path as the user would type it from here."""
    whole = path.absolute()
    return str(whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else path)


def read_text(path: Path) -> str:
    """Read a configuration file; raise ProfileError where it is no text, or far too long to be one.

    What is not UTF-8 is in the text as `os.fsdecode` has it.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ProfileError(f"{path}: {size >> 20} MiB; a configuration has at most {MOST_BYTES >> 20}")
        data = path.read_bytes()
    except OSError as error:
        raise ProfileError(f"{path}: {error.strerror}") from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ProfileError(f"{path}:1: UTF-16, which neither daemon reads; save the file as UTF-8")
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise ProfileError(f"{path}:{line}: a NUL byte; the file is damaged, or no text")
    # Both daemons take bytes as they are, whatever a comment is written in: they come back from here byte for byte.
    return data.decode("utf-8", "surrogateescape")
