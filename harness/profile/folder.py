"""A profile's folder: its files byte for byte as an operator wrote them, and what they say."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from harness.errors import ProfileError, UsageError
from harness.profile import facts as machines
from harness.profile import haproxy, keepalived, nginx, tried
from harness.profile.facts import Facts, Stated
from harness.profile.files import HAPROXY, KEEPALIVED, NGINX, File, read_text
from harness.profile.haproxy.objections import objections
from harness.profile.kind import Kind
from harness.profile.layout import Layout, lay
from harness.profile.machines import Behind
from harness.profile.service import Listener, Taken, counted, local, of_proxy, taken
from harness.profile.where import Lack

# Which process answers on the VIP, by the file that configures it.
FRONTS = {HAPROXY: "haproxy", NGINX: "nginx"}
APISERVER = "kube-apiserver"
_Server = TypeVar("_Server", haproxy.Server, nginx.Upstream)


@dataclass(frozen=True)
class Profile:
    """A configuration under test: the files of each node that may hold the VIP, and what they say.

    `instances` has the one that carries the VIP first. `front` is the process that answers on the VIP; `servers` are
    haproxy's that the service leads to, `upstreams` nginx', by node, `timeout_client_s` how long a client may be idle
    at it. `remarks` say what was taken for granted, `absent` by node what of its keepalived.conf is not here or not
    followed, `lone` the keepalived.conf that is one host's and stands for the others', `tried` what its scripts did in
    a lab, where they were tried.
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
    timeout_client_s: dict[str, float] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    absent: dict[str, list[Lack]] = field(default_factory=dict)
    lone: str = ""
    tried: tried.Table | None = None

    @property
    def backends(self) -> dict[str, str]:
        """Return which node each server behind the VIP stands for, by the server's name."""
        found: dict[str, str] = {}
        for proxies in (self.servers, self.upstreams):
            for node, group in proxies.items():
                for server in group:
                    if stands_for := self.stands_for(node, server):
                        found.setdefault(server.name, stands_for)
        return found

    def stands_for(self, node: str, server: Behind) -> str | None:
        """Return the node that a server of a node's proxy leads to, itself by loopback; None where it is none."""
        return node if local(server.address) else self.facts.node_at(server.address)

    @property
    def lacks(self) -> str:
        """Return what is not here that may change anything, as "on …"; "" where nothing is known to be missing."""
        if self.absent:
            return f"on {next(iter(self.absent.values()))[0].on}"
        return f"on the other nodes' keepalived.conf, which are not here ({self.lone} is one's)" if self.lone else ""

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


def load(folder: Path, service: str = "") -> Profile:
    """Read a profile's folder, in whichever layout its files lie; `service` is the VIP, the port, or both, if told.

    Raise ProfileError naming file and line of what cannot be understood.
    """
    said = stated(folder)
    return starting(of_layout(folder, lay([folder], said.nodes), machines.chosen(said, service)))


def stated(folder: Path) -> Stated:
    """Return what a folder's profile.toml says, if there is one."""
    own = folder / "profile.toml"
    return machines.stated(own, read_text(own)) if own.exists() else Stated()


def of_layout(folder: Path, layout: Layout, said: Stated) -> Profile:
    """Return the profile of files that lie in a layout; raise ProfileError where they do not say enough."""
    if layout.nodes.uncounted:
        raise ProfileError(f"{folder}: one keepalived.conf for how many nodes? name them in {folder / 'profile.toml'}")
    found = understood(folder.resolve().name, folder, {node: layout.files(node) for node in layout.nodes.names}, said)
    found = replace(found, tried=tried.read(folder))
    if (host := layout.nodes.host) is None:
        return found
    assumed = f"{host.source} is one host's: every node is taken to have the same, and their priorities are not known"
    return replace(found, lone=host.source, remarks=(assumed, *found.remarks))


def changed(profile: Profile, files: dict[str, list[File]]) -> Profile:
    """Return the profile with other files on the same machines."""
    told = {key: value for key, value in profile.facts.model_dump().items() if key in Stated.model_fields}
    found = understood(profile.name, profile.folder, files, Stated.model_validate(told))
    return replace(found, tried=profile.tried, lone=profile.lone)


def understood(name: str, folder: Path, files: dict[str, list[File]], said: Stated) -> Profile:
    """Return the profile with what its files say read out of them; raise ProfileError with file and line."""
    instances, scripts, absent = {}, {}, {}
    listeners: dict[str, list[Listener]] = {}
    for node, group in files.items():
        for file in group:
            if file.path == KEEPALIVED:
                instances[node], scripts[node], absent[node] = _keepalived(file, node, group, files)
            elif file.path in FRONTS:
                listeners[node] = _listening(file)
    chosen = _services(listeners, said)
    for one in chosen.values():
        counted(one.listener, said.nodes or {})
    first = _together(list(chosen.values()))
    every = [one for group in listeners.values() for one in group]
    facts = machines.complete(folder, said, instances, first.listener if first else None, every)
    fronts = [FRONTS[f.path] for group in files.values() for f in group if f.path in FRONTS]
    return Profile(
        name=name,
        folder=folder,
        files=files,
        facts=facts,
        front=fronts[0] if fronts else APISERVER,
        instances=_carrying(instances, str(facts.vip)),
        scripts=scripts,
        servers=_of_kind(haproxy.Server, chosen),
        upstreams=_of_kind(nginx.Upstream, chosen),
        timeout_client_s={node: one.listener.timeout_client_s for node, one in chosen.items()},
        absent={node: missing for node, missing in absent.items() if missing},
        remarks=(*facts.assumed, *_remarks(facts, said, instances, first)),
    )


def _services(listeners: Mapping[str, list[Listener]], said: Stated) -> dict[str, Taken]:
    """Return the service as each node's proxy has it: at the first one's port, where a node's own has that."""
    found: dict[str, Taken] = {}
    ports: set[int] = set()
    for node, group in listeners.items():
        same = [one for one in group if ports & {port for _, port in one.binds}]
        if one := taken(same or group, said.port, str(said.vip or "")):
            found[node] = one
            ports = ports or {port for _, port in one.listener.binds}
    return found


def _together(chosen: Sequence[Taken]) -> Taken | None:
    """Return the service as the first proxy has it, with the servers of all: a node's own may have itself disabled."""
    if not chosen:
        return None
    first = chosen[0].listener
    servers = _each(server for one in chosen for server in one.listener.servers)
    listed = _each(server for one in chosen for server in one.listener.listed)
    return replace(chosen[0], listener=replace(first, servers=servers, listed=listed))


def _each(servers: Iterable[Behind]) -> tuple[Behind, ...]:
    """Return the first server of each address."""
    found: dict[str, Behind] = {}
    for server in servers:
        found.setdefault(server.address, server)
    return tuple(found.values())


def _of_kind(kind: type[_Server], chosen: Mapping[str, Taken]) -> dict[str, list[_Server]]:
    """Return the service's servers of one kind of proxy, by node."""
    found = {node: [s for s in one.listener.servers if isinstance(s, kind)] for node, one in chosen.items()}
    return {node: servers for node, servers in found.items() if servers}


def _listening(file: File) -> list[Listener]:
    """Return what a proxy's file listens on; raise ProfileError where it leads nowhere."""
    found = of_proxy(Kind.NGINX if file.path == NGINX else Kind.HAPROXY, file.text, file.source)
    if not found and file.path == NGINX and (elsewhere := nginx.included(nginx.parse(file.text, file.source))):
        what, line = elsewhere
        raise ProfileError(f"{file.source}:{line}: include {what} is not followed; put what it says into this file")
    if not found:
        lacks = {
            NGINX: "no `stream` block with a server that passes to an upstream",
            HAPROXY: "no backend with a server in the file that is not disabled",
        }
        raise ProfileError(f"{file.source}:1: {lacks[file.path]}")
    return found


def _remarks(
    facts: Facts, said: Stated, instances: Mapping[str, Sequence[keepalived.Instance]], service: Taken | None
) -> Iterator[str]:
    """Yield what was taken for the service where the files leave a choice."""
    carried = dict.fromkeys(a for group in instances.values() for i in group for a in i.addresses)
    beside = [a for a in carried if a != str(facts.vip)]
    if beside and said.vip is None:
        yield f"the service's VIP is taken to be {facts.vip}, and not {', '.join(beside)}; --service chooses"
    if service is None or said.port is not None:
        return
    ports = [str(port) for one in service.others for _, port in one.binds if port]
    if not service.told:
        here = f"{service.listener.name} ({service.listener.where})"
        yield f"nothing tells which listener leads to apiservers; {here} is taken: --service chooses"
    elif ports:
        yield f"clients are taken to ask port {facts.port}, and not {', '.join(ports)}; --service chooses"


def starting(profile: Profile) -> Profile:
    """Return a profile whose daemons start; raise ProfileError with file and line of what keeps one from it."""
    for node, group in profile.files.items():
        for remark in keepalived.endings(profile.instances[node]):
            raise ProfileError(f"{remark.where}: keepalived ends as soon as it has read this: {remark.text}")
        for file in (f for f in group if f.path == HAPROXY):
            for one in objections(haproxy.parse(file.text, file.source)):
                if one.fatal:
                    raise ProfileError(f"{one.where}: haproxy 2.6 refuses it: {one.text}")
    return profile


def _keepalived(
    file: File, node: str, group: Sequence[File], nodes: Collection[str]
) -> tuple[list[keepalived.Instance], dict[str, keepalived.Script], list[Lack]]:
    """Read a node's keepalived.conf as its daemon would, with what it includes; return also what of that is missing."""
    files, shown = {f.path: f.text for f in group}, {f.path: f.source for f in group}
    root = keepalived.parse(file.text, file.source, node, files, path=file.path, shown=shown, nodes=nodes)
    instances = keepalived.instances(root)
    if not instances:
        without = f"; {root.missing[0].where} {root.missing[0].text}" if root.missing else ""
        raise ProfileError(f"{file.source}:1: no vrrp_instance in the file{without}")
    dull = {f.path for f in group if not f.executable}
    scripts = {name: _runnable(script, dull) for name, script in keepalived.scripts(root).items()}
    return [_tracking(one, scripts) for one in instances], scripts, [*keepalived.unknown(root)]


def _runnable(script: keepalived.Script, dull: Set[str]) -> keepalived.Script:
    """Return a script as keepalived has it: removed, if its program is among those that cannot be executed."""
    program = "".join(script.command.split()[:1])
    return script if script.removed or program not in dull else replace(script, removed=f"{program} is not executable")


def _tracking(one: keepalived.Instance, scripts: Mapping[str, keepalived.Script]) -> keepalived.Instance:
    """Return an instance without the scripts that keepalived has removed."""
    left = tuple(tracked for tracked in one.tracked.scripts if not scripts[tracked.name].removed)
    return replace(one, tracked=replace(one.tracked, scripts=left))


def _carrying(instances: dict[str, list[keepalived.Instance]], vip: str) -> dict[str, list[keepalived.Instance]]:
    return {
        node: sorted(group, key=lambda i: vip not in (*i.addresses, *i.excluded)) for node, group in instances.items()
    }
