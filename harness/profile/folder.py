"""A profile's folder: its files as an operator wrote them, and the addresses they speak of."""

from __future__ import annotations

import difflib
import ipaddress
import stat
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.errors import ProfileError, UsageError
from harness.profile import haproxy, keepalived

KEEPALIVED = "/etc/keepalived/keepalived.conf"
HAPROXY = "/etc/haproxy/haproxy.cfg"
MOST_BYTES = 1 << 20


class Facts(BaseModel):
    """profile.toml: what the configuration files presuppose about the machines they run on."""

    model_config = ConfigDict(extra="forbid")
    summary: str
    source: str = ""
    subnet: ipaddress.IPv4Network
    vip: ipaddress.IPv4Address
    port: int = 8443
    interface: str = "eth0"
    nodes: dict[str, ipaddress.IPv4Address]


@dataclass(frozen=True)
class File:
    """One file of a node: where it goes, what it holds, and its mode."""

    path: str
    text: str
    mode: int = 0o644


@dataclass(frozen=True)
class Profile:
    """A configuration under test: each node's files by node, and where a client finds the service."""

    name: str
    folder: Path
    facts: Facts
    files: dict[str, list[File]]
    instances: dict[str, list[keepalived.Instance]] = field(default_factory=dict)
    scripts: dict[str, dict[str, keepalived.Script]] = field(default_factory=dict)
    servers: dict[str, list[haproxy.Server]] = field(default_factory=dict)

    @property
    def backends(self) -> dict[str, str]:
        """Return which node each haproxy server stands for, by the server's address."""
        nodes = {str(address): node for node, address in self.facts.nodes.items()}
        return {s.name: nodes[s.address] for s in next(iter(self.servers.values())) if s.address in nodes}

    def text(self, node: str, path: str) -> str:
        """Return the text of one of a node's files."""
        return next(file.text for file in self.files[node] if file.path == path)


def find(name: str, profiles: Path) -> Path:
    """Return the folder of a profile given by its name or its path; suggest the nearest name otherwise."""
    for candidate in (profiles / name, Path(name)):
        if (candidate / "profile.toml").is_file():
            return candidate
    known = [path.name for path in shipped(profiles)]
    near = difflib.get_close_matches(name, known, 1, 0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}."
    raise UsageError(f"no profile {name!r}: {hint} A folder with a profile.toml works too.")


def shipped(profiles: Path) -> list[Path]:
    """Return the folders below `profiles` that hold a profile."""
    return sorted(path.parent for path in profiles.glob("*/profile.toml"))


def load(folder: Path) -> Profile:
    """Read a profile's folder; raise ProfileError naming file and line of what cannot be understood."""
    try:
        facts = Facts.model_validate(tomllib.loads(read_text(folder / "profile.toml")))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{folder / 'profile.toml'}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ProfileError(f"{folder / 'profile.toml'}: {where}: {first['msg']}") from error
    files = {node: _node_files(folder, node, list(facts.nodes)) for node in facts.nodes}
    return understood(Profile(folder.resolve().name, folder, facts, files))


def moved(profile: Profile, subnet: ipaddress.IPv4Network) -> Profile:
    """Return the profile with every address of its subnet moved to `subnet`, of the same size."""
    old = profile.facts.subnet
    if old.prefixlen != 24 or subnet.prefixlen != 24:
        raise ProfileError(f"{profile.folder / 'profile.toml'}: subnet: only a /24 can be moved, not {old}")
    before, after = (str(net.network_address).rsplit(".", 1)[0] + "." for net in (old, subnet))
    files = {
        node: [replace(file, text=file.text.replace(before, after)) for file in group]
        for node, group in profile.files.items()
    }
    plain = profile.facts.model_dump(mode="json")
    moved_facts = {key: plain[key] for key in plain} | {
        "subnet": str(subnet),
        "vip": plain["vip"].replace(before, after),
        "nodes": {node: address.replace(before, after) for node, address in plain["nodes"].items()},
    }
    return understood(replace(profile, facts=Facts.model_validate(moved_facts), files=files))


def understood(profile: Profile) -> Profile:
    """Return the profile with what its files say read out of them; raise ProfileError with file and line."""
    instances, scripts, servers = {}, {}, {}
    for node in profile.facts.nodes:
        root = keepalived.parse(profile.text(node, KEEPALIVED), f"{node}/keepalived.conf", node)
        try:
            instances[node], scripts[node] = keepalived.instances(root), keepalived.scripts(root)
        except (ValueError, IndexError) as error:
            raise ProfileError(f"{profile.folder}/{node}/keepalived.conf: {error}") from error
        if not instances[node]:
            raise ProfileError(f"{profile.folder}/{node}/keepalived.conf:1: no vrrp_instance in the file")
        sections = haproxy.parse(profile.text(node, HAPROXY), f"{profile.folder}/haproxy.cfg")
        servers[node] = list(haproxy.servers(sections, f"{profile.folder}/haproxy.cfg"))
        if not servers[node]:
            raise ProfileError(f"{profile.folder}/haproxy.cfg:1: no backend with a server in the file")
    return replace(profile, instances=instances, scripts=scripts, servers=servers)


def _node_files(folder: Path, node: str, nodes: list[str]) -> list[File]:
    own = {KEEPALIVED: folder / node / "keepalived.conf", HAPROXY: folder / node / "haproxy.cfg"}
    shared = {KEEPALIVED: folder / "keepalived.conf", HAPROXY: folder / "haproxy.cfg"}
    files = []
    for path in (KEEPALIVED, HAPROXY):
        source = own[path] if own[path].is_file() else shared[path]
        if not source.is_file():
            raise ProfileError(f"{own[path]}: no such file; a profile needs one for every node")
        files.append(File(path, read_text(source)))
    special = {"profile.toml", "keepalived.conf", "haproxy.cfg", "README.md"}
    for source in sorted(p for p in folder.rglob("*") if p.is_file()):
        relative = source.relative_to(folder)
        if relative.parts[0] in nodes or relative.name in special:
            continue
        mode = 0o755 if source.stat().st_mode & stat.S_IXUSR else 0o644
        files.append(File("/" + relative.as_posix(), read_text(source), mode))
    return files


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
