"""The files that are looked at together: each node's keepalived.conf, the haproxy.cfg, the check scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from harness.chain.look import Asked, Look, Lookup, Tree, looks, verdicts
from harness.chain.script import reading
from harness.profile import haproxy, keepalived
from harness.profile.files import File
from harness.profile.folder import Profile
from harness.profile.haproxy import PROXIES, Section, Sections, Server
from harness.profile.keepalived import Block, Instance, Script
from harness.profile.service import Listener, of_haproxy, taken
from harness.profile.where import Where


@dataclass(frozen=True)
class Conf:
    """One node's keepalived.conf; `texts` are its own and those that it includes, by their paths."""

    node: str
    path: str
    texts: dict[str, str]
    root: Block

    @property
    def instances(self) -> list[tuple[Block, Instance]]:
        blocks = {block.place: block for block in self.root.all("vrrp_instance")}
        return [(blocks[instance.at("")], instance) for instance in keepalived.instances(self.root)]

    @property
    def scripts(self) -> dict[str, tuple[Block, Script]]:
        blocks = {block.place: block for block in self.root.all("vrrp_script")}
        return {name: (blocks[script.at("")], script) for name, script in keepalived.scripts(self.root).items()}


@dataclass(frozen=True)
class Proxy:
    """One haproxy.cfg, as sections; `nodes` are those known to have it, `port` is the service's where that is told."""

    path: str
    text: str
    sections: Sections
    nodes: list[str] = field(default_factory=list)
    port: int | None = None

    @cached_property
    def services(self) -> tuple[Listener, ...]:
        """Return what leads to apiservers, as far as anything tells; stats, an ingress and the like stand beside it."""
        found = taken(list(of_haproxy(self.sections, self.path)), self.port)
        return (found.listener, *found.others) if found else ()

    @property
    def servers(self) -> list[Server]:
        """Return the apiservers that take part: a disabled one neither serves nor is checked."""
        groups = {one.backend: one.servers for one in self.services}
        return [server for group in groups.values() for server in group if isinstance(server, Server)]

    def beside(self, section: Section) -> bool:
        """Say whether a section has nothing to do with the apiservers."""
        mine = {name for one in self.services for name in (one.name, one.backend)}
        return section.kind in PROXIES and section.name not in mine

    @property
    def ports(self) -> set[int]:
        """Return the ports that clients are served on."""
        return {port for one in haproxy.frontends(self.sections) for _, port in one.binds if port}

    def effective(self, section: Section, *words: str) -> tuple[int, list[str]] | None:
        """Return (line, what follows `words`) of the setting that holds in a section: its own, or its defaults'."""
        found = haproxy.effective(section, *words)
        return (found.where.line, found.words) if found else None


@dataclass(frozen=True)
class Member:
    """One node's part in a virtual router."""

    conf: Conf
    block: Block
    instance: Instance

    @property
    def scripts(self) -> list[Script]:
        """Return the scripts that the instance, or its sync group, tracks, with the weight that counts there."""
        known = self.conf.scripts
        tracked = self.instance.tracked.scripts
        return [replace(known[t.name][1], weight=t.weight, reverse=t.reverse) for t in tracked if t.name in known]


@dataclass
class Setup:
    """Everything that is looked at; `programs` are the other files by the path that they have on a node.

    `profile` is what the files make up together, where they do.
    """

    confs: list[Conf]
    proxies: list[Proxy]
    programs: dict[str, File] = field(default_factory=dict)
    whole: bool = False  # a folder, which ought to hold the scripts too
    profile: Profile | None = None

    def groups(self) -> Iterator[list[Member]]:
        """Yield the members of each virtual router: instances of one name, or the only one of every file."""
        members = [Member(conf, block, instance) for conf in self.confs for block, instance in conf.instances]
        if all(len(conf.instances) == 1 for conf in self.confs):
            yield members
            return
        for name in dict.fromkeys(m.instance.name for m in members):
            yield [m for m in members if m.instance.name == name]

    def reading(self, script: Script) -> Tree[Look]:
        """Return what a script comes to, as far as its words and the programs that are at hand tell."""
        return reading(script.command, {path: file.text for path, file in self.programs.items()})

    def stops(self, script: Script) -> bool:
        """Say whether a script that fails has keepalived stopped, which moves the VIP whatever the weights."""
        failing = [verdict for verdict in verdicts(self.reading(script)) if verdict.passes is False]
        return bool(failing) and all(verdict.stops for verdict in failing)

    def notices(self, script: Script) -> tuple[str, ...]:
        """Return the processes whose death a script is to see; none where its text does not tell."""
        seen = looks(self.reading(script))
        if names := tuple(look.process for look in seen if isinstance(look, Lookup)):
            return names
        asked = {look.port for look in seen if isinstance(look, Asked)}
        if asked & {port for proxy in self.proxies for port in proxy.ports}:
            return ("haproxy",)
        behind = {server.port for proxy in self.proxies for server in proxy.servers}
        return ("kube-apiserver", "etcd") if asked & behind else ()


def place_of(block: Block, keyword: str) -> Where:
    """Return the place of the last such statement in a block, or the block's own."""
    return block.where.get(keyword, block.place)
