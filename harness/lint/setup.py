"""The files that are looked at together: each node's keepalived.conf, the haproxy.cfg, the check scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from harness.profile import haproxy, keepalived
from harness.profile.files import File
from harness.profile.haproxy import Section, Server
from harness.profile.keepalived import Block, Instance, Script
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
    """One haproxy.cfg, as sections."""

    path: str
    text: str
    sections: list[Section]

    @property
    def servers(self) -> list[Server]:
        return list(haproxy.servers(self.sections, self.path))

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
        return [replace(known[t.name][1], weight=t.weight) for t in tracked if t.name in known]


@dataclass(frozen=True)
class Setup:
    """Everything that is looked at; `programs` are the other files by the path that they have on a node."""

    confs: list[Conf]
    proxies: list[Proxy]
    programs: dict[str, File] = field(default_factory=dict)
    whole: bool = False  # a folder, which ought to hold the scripts too

    def groups(self) -> Iterator[list[Member]]:
        """Yield the members of each virtual router: instances of one name, or the only one of every file."""
        members = [Member(conf, block, instance) for conf in self.confs for block, instance in conf.instances]
        if all(len(conf.instances) == 1 for conf in self.confs):
            yield members
            return
        for name in dict.fromkeys(m.instance.name for m in members):
            yield [m for m in members if m.instance.name == name]

    def program(self, script: Script) -> str:
        """Return a script's command with the text of the program that it calls, where that is at hand."""
        words = script.command.split()
        return "\n".join([script.command, *(self.programs[word].text for word in words if word in self.programs)])


def place_of(block: Block, keyword: str) -> Where:
    """Return the place of the last such statement in a block, or the block's own."""
    return block.where.get(keyword, block.place)
