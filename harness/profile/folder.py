"""A profile's folder: its files byte for byte as an operator wrote them, and what they say."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import ProfileError, UsageError
from harness.profile import facts as machines
from harness.profile import haproxy, keepalived, nginx
from harness.profile.facts import Facts, Stated
from harness.profile.files import HAPROXY, KEEPALIVED, NGINX, File, lbs_in, of_node, read_text
from harness.profile.machines import Behind

# Which process answers on the VIP, by the file that configures it.
FRONTS = {HAPROXY: "haproxy", NGINX: "nginx"}
APISERVER = "kube-apiserver"


@dataclass(frozen=True)
class Profile:
    """A configuration under test: the files of each node that may hold the VIP, and what they say.

    `instances` has the one that carries the VIP first. `front` is the process that answers on the VIP; `servers` are
    haproxy's, `upstreams` nginx', by node.
    """

    name: str
    folder: Path
    files: dict[str, list[File]]
    facts: Facts
    front: str = APISERVER
    instances: dict[str, list[keepalived.Instance]] = field(default_factory=dict)
    scripts: dict[str, dict[str, keepalived.Script]] = field(default_factory=dict)
    servers: dict[str, list[haproxy.Server]] = field(default_factory=dict)
    upstreams: dict[str, list[nginx.Upstream]] = field(default_factory=dict)

    @property
    def backends(self) -> dict[str, str]:
        """Return which node each server behind the VIP stands for, by the server's name."""
        behind = _behind(self.servers, self.upstreams)
        return {s.name: node for s in behind if (node := self.facts.node_at(s.address))}

    @property
    def balanced(self) -> bool:
        """Say whether the VIP leads to a load balancer, and not straight to its owner's apiserver."""
        return self.front != APISERVER

    def text(self, node: str, path: str) -> str:
        """Return the text of one of a node's files."""
        return next(file.text for file in self.files[node] if file.path == path)

    def has(self, node: str, path: str) -> bool:
        return any(file.path == path for file in self.files[node])


def find(name: str, profiles: Path) -> Path:
    """Return the folder of a profile given by its name or its path; suggest the nearest name otherwise."""
    if (profiles / name / "profile.toml").is_file():
        return profiles / name
    if Path(name).is_dir():
        return Path(name)
    known = [path.name for path in shipped(profiles)]
    near = difflib.get_close_matches(name, known, 1, 0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}."
    raise UsageError(f"no profile {name!r}: {hint} A folder with your own files works too: `harness profile new`.")


def shipped(profiles: Path) -> list[Path]:
    """Return the folders below `profiles` that hold a profile."""
    return sorted(path.parent for path in profiles.glob("*/profile.toml"))


def load(folder: Path) -> Profile:
    """Read a profile's folder; raise ProfileError naming file and line of what cannot be understood."""
    own = folder / "profile.toml"
    said = machines.stated(own, read_text(own)) if own.exists() else Stated()
    nodes = lbs_in(folder, said.nodes or {})
    files = {node: of_node(folder, node, nodes) for node in nodes}
    return understood(folder.resolve().name, folder, files, said)


def changed(profile: Profile, files: dict[str, list[File]]) -> Profile:
    """Return the profile with other files on the same machines."""
    told = {key: value for key, value in profile.facts.model_dump().items() if key in Stated.model_fields}
    return understood(profile.name, profile.folder, files, Stated.model_validate(told))


def understood(name: str, folder: Path, files: dict[str, list[File]], said: Stated) -> Profile:
    """Return the profile with what its files say read out of them; raise ProfileError with file and line."""
    instances, scripts, servers, upstreams = {}, {}, {}, {}
    binds: list[tuple[str, int]] = []
    for node, group in files.items():
        for file in group:
            if file.path == KEEPALIVED:
                instances[node], scripts[node] = _keepalived(file, node, group)
            elif file.path == HAPROXY:
                sections = haproxy.parse(file.text, file.source)
                servers[node] = [s for s in haproxy.servers(sections, file.source) if not s.disabled]
                if not servers[node]:
                    raise ProfileError(f"{file.source}:1: no backend with a server in the file that is not disabled")
                binds += [bind for one in haproxy.frontends(sections) for bind in one.binds if bind[1]]
            elif file.path == NGINX:
                root = nginx.parse(file.text, file.source)
                upstreams[node] = list(nginx.upstreams(root, file.source))
                if not upstreams[node]:
                    raise ProfileError(f"{file.source}:1: no `stream` block with a server that passes to an upstream")
                binds += [bind] if (bind := nginx.listening(root)) else []
    behind = _behind(servers, upstreams)
    facts = machines.complete(folder, said, instances, behind, binds)
    fronts = [FRONTS[f.path] for group in files.values() for f in group if f.path in FRONTS]
    front = fronts[0] if fronts else APISERVER
    return Profile(name, folder, files, facts, front, _carrying(instances, str(facts.vip)), scripts, servers, upstreams)


def _keepalived(
    file: File, node: str, group: Sequence[File]
) -> tuple[list[keepalived.Instance], dict[str, keepalived.Script]]:
    """Read a node's keepalived.conf as its daemon would: its own conditional lines, and what it includes."""
    files, shown = {f.path: f.text for f in group}, {f.path: f.source for f in group}
    root = keepalived.parse(file.text, file.source, node, files, path=file.path, shown=shown)
    instances = keepalived.instances(root)
    if not instances:
        raise ProfileError(f"{file.source}:1: no vrrp_instance in the file")
    return instances, keepalived.scripts(root)


def _behind(
    servers: Mapping[str, Sequence[haproxy.Server]], upstreams: Mapping[str, Sequence[nginx.Upstream]]
) -> Sequence[Behind]:
    """Return the servers of the first node's load balancer; every node's has the same."""
    return next(iter(servers.values()), None) or next(iter(upstreams.values()), ())


def _carrying(instances: dict[str, list[keepalived.Instance]], vip: str) -> dict[str, list[keepalived.Instance]]:
    return {
        node: sorted(group, key=lambda i: vip not in (*i.addresses, *i.excluded)) for node, group in instances.items()
    }
