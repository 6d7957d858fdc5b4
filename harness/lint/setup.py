"""The files that are looked at together: each node's keepalived.conf, the haproxy.cfg, the check scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import ProfileError, UsageError
from harness.profile import haproxy, keepalived
from harness.profile.files import read_text
from harness.profile.haproxy import Section, Server
from harness.profile.keepalived import Block, Instance, Script


@dataclass(frozen=True)
class Conf:
    """One keepalived.conf; `node` is its folder's name, or its own where it has none."""

    node: str
    path: str
    text: str
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
        known = self.conf.scripts
        return [known[name][1] for name in self.instance.scripts if name in known]


@dataclass(frozen=True)
class Setup:
    """Everything that is looked at; `programs` are the other files by the path that they have on a node."""

    confs: list[Conf]
    proxies: list[Proxy]
    programs: dict[str, tuple[str, bool]] = field(default_factory=dict)  # path → (text, executable)
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
        return "\n".join([script.command, *(self.programs[word][0] for word in words if word in self.programs)])


def line_of(block: Block, keyword: str) -> int:
    """Return the line of the last such statement in a block, or the block's own."""
    return max((child.line for child in block.all(keyword)), default=block.line)


def read(paths: list[Path]) -> Setup:
    """Read files, or folders with all that is in them; raise UsageError or ProfileError naming file and line."""
    confs: list[Conf] = []
    proxies: list[Proxy] = []
    programs: dict[str, tuple[str, bool]] = {}
    for given in paths:
        if not given.exists():
            raise UsageError(f"{given}: no such file or folder")
        files = sorted(p for p in given.rglob("*") if p.is_file()) if given.is_dir() else [given]
        for file in files:
            _sort(file, given if given.is_dir() else given.parent, confs, proxies, programs, strict=given.is_file())
    if not confs and not proxies:
        raise UsageError(f"{', '.join(map(str, paths))}: no keepalived.conf and no haproxy.cfg there")
    return Setup(confs, proxies, programs, whole=any(path.is_dir() for path in paths))


def _sort(
    file: Path,
    base: Path,
    confs: list[Conf],
    proxies: list[Proxy],
    programs: dict[str, tuple[str, bool]],
    strict: bool,
) -> None:
    if file.suffix in (".toml", ".md"):
        return
    text = read_text(file)
    if file.suffix == ".cfg" or (file.suffix != ".conf" and strict and _speaks(text, "frontend", "backend", "listen")):
        proxies.append(Proxy(str(file), text, haproxy.parse(text, str(file))))
    elif file.suffix == ".conf" and (strict or "vrrp_instance" in text or "vrrp_script" in text):
        confs.append(_conf(file, text))
    elif strict:
        raise UsageError(f"{file}: neither a keepalived.conf nor a haproxy.cfg by its name or what it holds")
    else:
        programs["/" + file.relative_to(base).as_posix()] = (text, bool(file.stat().st_mode & 0o100))


def _conf(file: Path, text: str) -> Conf:
    conf = Conf(file.parent.name or file.stem, str(file), text, keepalived.parse(text, str(file)))
    try:
        _ = (conf.instances, conf.scripts)
    except (ValueError, IndexError) as error:
        raise ProfileError(f"{file}: {error}") from error
    return conf


def _speaks(text: str, *words: str) -> bool:
    return any(line.split()[:1] == [word] for line in text.splitlines() for word in words)
