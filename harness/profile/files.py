"""An operator's files in a profile's folder: which node gets which, and where they belong there."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import ProfileError, UsageError
from harness.profile import haproxy, nginx
from harness.profile.machines import HOSTLIKE, Address, address

KEEPALIVED = "/etc/keepalived/keepalived.conf"
HAPROXY = "/etc/haproxy/haproxy.cfg"
NGINX = "/etc/nginx/nginx.conf"
# Where an operator puts a daemon's own file, in the folder or in a node's, and where it belongs on the node.
HOMES = {"keepalived.conf": KEEPALIVED, "haproxy.cfg": HAPROXY, "nginx.conf": NGINX}
MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class File:
    """One file of a node: where it goes, what it holds, its mode, and where the operator has it."""

    path: str
    text: str
    mode: int = 0o644
    source: str = ""


def nodes_in(folder: Path) -> list[str]:
    """Return the nodes' names: the folders with a daemon's file, else m1, m2, … as many as there are servers."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    found = sorted({p.parent.name for name in HOMES for p in folder.glob(f"*/{name}")}, key=_natural)
    for name in found:
        if not HOSTLIKE.match(name):
            raise ProfileError(f"{folder / name}: a node is named like a host: lower-case letters, digits, dashes")
    if found:
        return found
    if not (folder / "keepalived.conf").is_file():
        raise ProfileError(
            f"{folder}: neither keepalived.conf nor m1/keepalived.conf there; `harness profile new` makes a start"
        )
    if behind := _behind(folder):
        return [f"m{n}" for n in range(1, len(behind) + 1)]
    raise ProfileError(f"{folder}: one keepalived.conf for how many nodes? name them in {folder / 'profile.toml'}")


def lbs_in(folder: Path, told: Mapping[str, Address]) -> list[str]:
    """Return the names of the nodes with a keepalived.conf, given those that profile.toml tells the address of.

    One that all share is for every node; where a proxy sends to some of them only, for the others.
    """
    if not told:
        return nodes_in(folder)
    own = [path.parent.name for path in folder.glob("*/keepalived.conf")]
    names = [*told, *sorted(set(own) - set(told), key=_natural)]
    if not (folder / "keepalived.conf").is_file():
        return [name for name in names if name in own] or names
    behind = _behind(folder)
    served = {address(host) or host for host in behind}
    return [n for n in names if n in own or not {n, told[n]} & served] or names


def _behind(folder: Path) -> set[str]:
    """Return the addresses that the load balancer's one file sends clients to."""
    for name in ("haproxy.cfg", "nginx.conf"):
        if (folder / name).is_file():
            text, source = read_text(folder / name), _shown(folder / name)
            if name == "nginx.conf":
                return {s.address for s in nginx.upstreams(nginx.parse(text, source), source)}
            return {s.address for s in haproxy.servers(haproxy.parse(text, source), source)}
    return set()


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name) if part]


def of_node(folder: Path, node: str, nodes: Sequence[str]) -> list[File]:
    """Return a node's files: its own folder's before those that all share."""
    found: dict[str, File] = {}
    for base in (folder / node, folder):
        for name, path in HOMES.items():
            if (base / name).is_file() and path not in found:
                found[path] = _file(path, base / name)
        for source in _beside(base, nodes):
            path = "/" + source.relative_to(base).as_posix()
            if path not in found:
                found[path] = _file(path, source)
    if KEEPALIVED not in found:
        raise ProfileError(f"{folder / node / 'keepalived.conf'}: no such file; a profile needs one for every node")
    return list(found.values())


def _beside(base: Path, nodes: Sequence[str]) -> Iterator[Path]:
    """Yield what lies under the path that it has on a node: etc/keepalived/check.sh, opt/…"""
    for top in sorted(base.iterdir()) if base.is_dir() else ():
        if top.is_dir() and not top.name.startswith(".") and top.name not in nodes:
            yield from sorted(p for p in top.rglob("*") if p.is_file())


def _file(path: str, source: Path) -> File:
    mode = 0o755 if source.stat().st_mode & stat.S_IXUSR else 0o644
    return File(path, read_text(source), mode, _shown(source))


def _shown(path: Path) -> str:
    """Return a path as the user would type it from here."""
    whole = path.absolute()
    return str(whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else path)


def read_text(path: Path) -> str:
    """Read a configuration file; raise ProfileError where it is no text, or far too long to be one."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ProfileError(f"{path}: {size >> 20} MiB; a configuration has at most {MOST_BYTES >> 20}")
        data = path.read_bytes()
    except OSError as error:
        raise ProfileError(f"{path}: {error.strerror}") from error
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise ProfileError(f"{path}:{line}: a NUL byte; the file is damaged, or no text")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ProfileError(f"{path}:{line}: not UTF-8; save the file as such") from error
