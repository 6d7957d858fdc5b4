"""Which node gets which file, however an operator has them: a folder a node, trees as on the hosts, one host's /etc."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from harness.errors import ProfileError
from harness.profile.files import HOMES, KEEPALIVED, File
from harness.profile.kind import EMPTY, HOLDS, Kind
from harness.profile.machines import Address
from harness.profile.nodes import INSTANCE, PROXIES, TOP, Nodes, base, suffix
from harness.profile.tree import Entry, grown

ROOTS = frozenset(["etc", "opt", "usr", "var", "srv", "root", "home", "bin", "sbin", "lib", "run", "tmp"])
DAEMONS = ("keepalived", "haproxy", "nginx")  # whose folders lie below /etc
TEMPLATE = "a template: render it first"
_COPY = re.compile(r"(?:\.(?:bak|old|orig|save|sample|example|dist|dpkg-\w+|rpm\w+|swp)|~)$")
_STREAM = re.compile(r"^\s*stream\b", re.MULTILINE)
UNPLACED = "no keepalived.conf here names it, and its folder does not say where it belongs on a node"


@dataclass(frozen=True)
class Placing:
    """What a file was taken for: whose it is, and its path there."""

    entry: Entry
    nodes: tuple[str, ...]
    path: str


@dataclass
class Layout:
    """Files and whose they are; `left` are those that have no part in it, with the reason.

    Raise ProfileError for what cannot be made out, with the remedy.
    """

    name: str
    nodes: Nodes
    left: dict[str, str] = field(default_factory=dict)
    placed: list[Placing] = field(default_factory=list)

    def files(self, node: str) -> list[File]:
        """Return a node's files: its own before those that all share."""
        found: dict[str, File] = {}
        for one in sorted((one for one in self.placed if node in one.nodes), key=lambda one: len(one.nodes)):
            text = self.nodes.as_on(node, one.entry)
            found.setdefault(one.path, File(one.path, text, one.entry.mode, one.entry.source))
        if KEEPALIVED not in found:
            raise ProfileError(f"{self.name}/{node}/keepalived.conf: no such file; a profile needs one for every node")
        return list(found.values())

    def place(self, one: Entry) -> None:
        """Say whose a file is and where it belongs there, or why it is left."""
        nodes, why = self.nodes, one.known.why
        owners: Sequence[str] = ()
        path = ""
        if one in nodes.mains:
            path, why = KEEPALIVED, "every node has its own"
            own = [name for name, other in nodes.own.items() if other == one]
            owners = own or [name for name in nodes.names if name not in nodes.own]
        elif one.kind in PROXIES:
            path = PROXIES[one.kind]
            owners, why = self._proxied(one)
        elif one.kind is not Kind.LEFT or (one.text and one.known.line == 0) or why == EMPTY:
            folder = next((up for up in one.at.parents if up in nodes.homes.values()), TOP)
            owners, path, why = nodes.at(folder), self._path(one, folder), why or UNPLACED
        if owners and path:
            self.placed.append(Placing(one, tuple(owners), path))
        else:
            self.left[one.source] = why

    @cached_property
    def _proxies(self) -> dict[PurePosixPath, dict[Kind, list[Entry]]]:
        """Return the proxies' files by the folder whose they are; the top is everybody's."""
        found: dict[PurePosixPath, dict[Kind, list[Entry]]] = {}
        for one in (one for one in self.nodes.entries if one.kind in PROXIES):
            folder = base(one.at) if base(one.at) in self.nodes.homes.values() else TOP
            found.setdefault(folder, {}).setdefault(one.kind, []).append(one)
        return found

    def _proxied(self, one: Entry) -> tuple[Sequence[str], str]:
        """Return whose proxy's file it is, and why nobody's where it is not."""
        folder, groups = next((f, g) for f, g in self._proxies.items() if one in g.get(one.kind, []))
        if one.kind is Kind.NGINX and Kind.HAPROXY in groups:
            if not _STREAM.search(one.text):
                return (), "it serves no stream, and haproxy balances"
            both = f"{one.source} and {groups[Kind.HAPROXY][0].source}"
            raise ProfileError(f"{self.name}: two kinds of proxy at once: {both}; keep the one that answers on the VIP")
        mine, beside = self.nodes.at(folder), groups[one.kind]
        named = {id(other): [n for n in mine if n.casefold() == suffix(other).casefold()] for other in beside}
        if len(beside) == 1 or named[id(one)]:
            return named[id(one)] or mine, ""
        rest = [n for n in mine if [n] not in named.values()]
        nameless = [other for other in beside if not named[id(other)]]
        plain = [other for other in nameless if other.at.name in HOMES] if len(nameless) > 1 else nameless
        if len(plain) == 1:
            taken = f"{plain[0].source} is the one taken; a node's own is named after it, or lies in its folder"
            return (rest, "") if one is plain[0] else ((), taken)
        where = " and ".join(other.source for other in nameless)
        raise ProfileError(f"{self.name}: which {one.kind.value} is it: {where}? put each into its node's folder")

    def _path(self, one: Entry, folder: PurePosixPath) -> str:
        """Return where a file that is no daemon's own belongs on a node; "" where nothing tells."""
        within = one.at.relative_to(folder)
        top, deep = within.parts[0], len(within.parts) > 1
        mains = [m for m in self.nodes.mains if folder == TOP or base(m.at) in (TOP, folder)]
        if one.kind in (Kind.PROGRAM, Kind.LEFT):
            said = [p for m in mains for p in re.findall(r"/[\w./-]+", m.text) if p.endswith(f"/{one.at.name}")]
            if said:
                return f"/{within}" if f"/{within}" in said else said[0]
        if one.known.why == EMPTY:
            return ""
        if deep and top in ROOTS:
            return f"/{within}"
        if deep and top in DAEMONS:
            return f"/etc/{within}"
        beside = next((m.at.parent for m in mains if one.at.is_relative_to(m.at.parent)), None)
        match one.kind:
            case Kind.SYSCTL:
                return f"/etc/sysctl.d/{one.at.name}"
            case Kind.MANIFEST:
                return f"/etc/kubernetes/manifests/{one.at.name}"
            case Kind.KEEPALIVED if beside is not None:
                return f"/etc/keepalived/{one.at.relative_to(beside)}"
            case Kind.PROGRAM if one.at.parent == beside:
                return f"/etc/keepalived/{one.at.name}"
        return ""


def lay(paths: Sequence[Path], told: Mapping[str, Address] | None = None) -> Layout:
    """Return the layout of a folder, or of several and files; `told` are the nodes whose address profile.toml tells.

    Raise UsageError or ProfileError where there is none.
    """
    name, left = ", ".join(map(str, paths)), {}
    entries = grown(paths)
    for one in entries:
        original = one.at.with_name(_COPY.sub("", one.at.name))
        if original != one.at and any(other.at == original for other in entries):
            left[one.source] = f"a copy of {original.name} by its name"
        elif one.kind is Kind.LEFT and one.at.name in HOMES:
            raise ProfileError(one.told)
    nodes = Nodes(name, [one for one in entries if one.source not in left], told or {})
    if not nodes.mains:
        raise ProfileError(_none(name, nodes.entries))
    if nodes.host and nodes.own:
        both = f"{nodes.host.source} is one host's, and {', '.join(nodes.own)} have their own"
        raise ProfileError(f"{name}: two kinds of layout at once: {both}; keep one of them")
    if unread := _lacking(nodes):
        raise ProfileError(unread.told)
    layout = Layout(name, nodes, left)
    for one in nodes.entries:
        holds = one.kind is Kind.CLOUD_CONFIG and any(other.source == one.source for other in entries if other != one)
        if one.kind is not Kind.STATED and not holds:
            layout.place(one)
    return layout


def _lacking(nodes: Nodes) -> Entry | None:
    """Return what stands in the place of a file without which what is said of the others would be wrong."""
    beside = {folder.parent for folder in nodes.homes.values()}
    balanced = any(one.kind in PROXIES for one in nodes.entries)
    for one in nodes.entries if not balanced else ():
        if any(one.known.why.startswith(f"{HOLDS} {proxy.value}") for proxy in PROXIES):
            return one
    for one in (one for one in nodes.entries if one.known.why == TEMPLATE):
        folder = base(one.at)
        own = "keepalived" in one.at.name.lower()
        if not own and not balanced:
            return one
        if (
            own
            and folder not in (TOP, *nodes.homes.values())
            and folder.parent in beside
            and folder.name != "templates"
        ):
            return one
    return None


def _none(name: str, entries: Sequence[Entry]) -> str:
    start = f"{name}: neither keepalived.conf nor m1/keepalived.conf there; `harness profile new` makes a start"
    return instead(entries) or start


def instead(entries: Sequence[Entry]) -> str:
    """Say what is there instead of a keepalived.conf, "" where nothing is that might make one."""
    near = [one for one in entries if one.kind is Kind.LEFT and "keepalived" in one.at.name]
    templates = [one for one in entries if one.known.why == TEMPLATE]
    holding = [one for one in entries if one.known.why.startswith(HOLDS)]
    for one in (*near, *templates, *holding):
        return one.told
    for one in (one for one in entries if one.kind is Kind.PROGRAM):
        if found := INSTANCE.search(one.text):
            line = one.text.count("\n", 0, found.start()) + 1
            return f"{one.source}:{line}: a program that writes a keepalived.conf: put what it writes into a file"
    return ""
