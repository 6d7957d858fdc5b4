"""The files that are looked at together: each node's keepalived.conf, the haproxy.cfg, the check scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from harness.chain import table
from harness.chain.chain import Chain
from harness.chain.front import Front, fronts
from harness.chain.look import Asked, Look, Lookup, Tree, longest_s, looks, verdicts
from harness.chain.script import reading
from harness.chain.sight import of_script, unknown
from harness.lint.versions import DEBIAN, Versions
from harness.profile import haproxy, keepalived
from harness.profile.files import File
from harness.profile.folder import APISERVER, FRONTS, Profile
from harness.profile.haproxy import PROXIES, Section, Sections, Server
from harness.profile.keepalived import Block, Instance, Script
from harness.profile.machines import APISERVER_PORT
from harness.profile.service import Listener, of_haproxy, taken
from harness.profile.where import Where


@dataclass(frozen=True)
class Conf:
    """One node's keepalived.conf; `texts` are its own and those that it includes, by their paths.

    `programs` are the node's other files by the path that they have there.
    """

    node: str
    path: str
    texts: dict[str, str]
    root: Block
    programs: Mapping[str, File] = field(default_factory=dict)
    _readings: dict[str, Tree[Look]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def instances(self) -> list[tuple[Block, Instance]]:
        blocks = {block.place: block for block in self.root.all("vrrp_instance")}
        return [(blocks[instance.at("")], instance) for instance in keepalived.instances(self.root)]

    @property
    def tracked(self) -> list[tuple[Block, Script]]:
        """Return the scripts that run: some instance tracks them, or keepalived removes them for their user's sake."""
        used = {name for _, instance in self.instances for name in instance.scripts}
        return [(block, script) for block, script in self.scripts.values() if script.name in used or script.removed]

    @cached_property
    def scripts(self) -> dict[str, tuple[Block, Script]]:
        blocks = {block.place: block for block in self.root.all("vrrp_script")}
        return {name: (blocks[script.at("")], script) for name, script in keepalived.scripts(self.root).items()}

    def reading(self, script: Script) -> Tree[Look]:
        """Return what a script comes to, as far as its words and the programs that are at hand tell."""
        if script.command not in self._readings:
            programs = {path: file.text for path, file in self.programs.items()}
            self._readings[script.command] = reading(script.command, programs)
        return self._readings[script.command]

    def lasts_s(self, script: Script) -> float:
        """Return how long a run of a script may take: until its own limits end it, or keepalived's."""
        return min(script.timeout_s, longest_s(self.reading(script)))

    def stops(self, script: Script) -> bool:
        """Say whether a script that fails has keepalived stopped, which moves the VIP whatever the weights."""
        failing = [verdict for verdict in verdicts(self.reading(script)) if verdict.passes is False]
        return bool(failing) and all(verdict.stops for verdict in failing)


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

    @cached_property
    def fronts(self) -> dict[int, Front]:
        """Return the ports that it listens on: whether each leads to the apiservers, and the path it answers alone."""
        ends = [port for one in self.services for _, port in one.binds if port]
        return fronts(self.text, self.path, ends[0]) if ends else {}

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
    """Everything that is looked at; `programs` are the other files, of whatever node.

    `profile` is what the files make up together, where they do; `lone` says that the other nodes' are not here.
    """

    confs: list[Conf]
    proxies: list[Proxy]
    programs: list[File] = field(default_factory=list)
    whole: bool = False  # a folder, which ought to hold the scripts too
    profile: Profile | None = None
    versions: Versions = DEBIAN
    lone: bool = False

    @cached_property
    def chain(self) -> Chain | None:
        """Return what all files mean together; None where the files do not make up a whole."""
        return Chain(self.profile) if self.profile else None

    def groups(self) -> Iterator[list[Member]]:
        """Yield the members of each virtual router: instances of one name, or the only one of every file."""
        members = [Member(conf, block, instance) for conf in self.confs for block, instance in conf.instances]
        if all(len(conf.instances) == 1 for conf in self.confs):
            yield members
            return
        for name in dict.fromkeys(m.instance.name for m in members):
            yield [m for m in members if m.instance.name == name]

    def unknown(self, conf: Conf, script: Script) -> str:
        """Return what keeps a script from being understood, by its words and by what the chain has; "" for nothing."""
        told = "; ".join(dict.fromkeys(v.why for v in verdicts(conf.reading(script)) if v.passes is None))
        if told or self.chain is None or conf.node not in self.chain.nodes:
            return told
        return unknown(of_script(self.chain.profile, conf.node, script))

    @property
    def asks_apiserver(self) -> bool:
        """Say whether a check looks at an apiserver: then one is on the node, whatever else is not here."""
        asked = (look for look in self._looks if isinstance(look, Asked | Lookup))
        return any(
            look.process == APISERVER if isinstance(look, Lookup) else look.port == APISERVER_PORT for look in asked
        )

    @property
    def looks_for_proxy(self) -> bool:
        """Say whether a check looks for a load balancer's process."""
        return any(isinstance(look, Lookup) and look.process in FRONTS.values() for look in self._looks)

    @property
    def _looks(self) -> Iterator[Look]:
        for conf in self.confs:
            for _, script in conf.scripts.values():
                yield from looks(conf.reading(script))

    def through(self, look: Look) -> bool:
        """Say whether a look asks a load balancer for any of its apiservers, and not for itself."""
        if not isinstance(look, Asked) or look.connects:
            return False
        known = (proxy.fronts.get(look.port) for proxy in self.proxies)
        return any(one.leads and look.path != (one.answered or None) for one in filter(None, known))

    def tried(self, script: Script) -> bool:
        """Say whether a script was tried on every node that has it, so that its text decides nothing."""
        if self.profile is None:
            return False
        having = [(n, one) for n in self.profile.facts.lbs for one in self.profile.scripts[n].values() if one == script]
        return bool(having) and all(table.row(self.profile, node, one) for node, one in having)

    def notices(self, conf: Conf, script: Script) -> tuple[str, ...]:
        """Return the processes whose death a script is to see; none where its text does not tell."""
        seen = looks(conf.reading(script))
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
