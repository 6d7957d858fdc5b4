"""Which nodes there are, and which keepalived.conf is whose: by the folder that it lies in, or by its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from harness.errors import ProfileError
from harness.profile import keepalived
from harness.profile.files import HAPROXY, NGINX
from harness.profile.kind import Kind
from harness.profile.machines import Address, address
from harness.profile.service import of_proxy, taken
from harness.profile.tree import Entry

TOP = PurePosixPath()
PROXIES = {Kind.HAPROXY: HAPROXY, Kind.NGINX: NGINX}
# Folders that say where on a host a file lies, and not whose it is.
PLACES = frozenset(
    ["etc", "keepalived", "haproxy", "nginx", "conf", "config", "rootfs", "kubernetes", "manifests", "usr", "local"]
)
NODELIKE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")
_DAEMON = re.compile(r"keepalived|haproxy|nginx|\.conf|\.cfg|\.ya?ml|configmap", re.IGNORECASE)
INSTANCE = re.compile(r"^\s*vrrp_instance\b", re.MULTILINE)
_MASTER = re.compile(r"^\s*state\s+MASTER\b", re.MULTILINE)
_OF_NODE = re.compile(r"^\s*@\^?\w", re.MULTILINE)  # a line of one node alone
_INCLUDE = re.compile(r"^\s*include\w*\b", re.MULTILINE)
_SECOND = re.compile(r"backup|slave|standby|secondary", re.IGNORECASE)


@dataclass
class Nodes:
    """The nodes of some files; `told` are those that profile.toml tells the address of.

    Raise ProfileError where it is not to be made out whose a keepalived.conf is.
    """

    name: str
    entries: Sequence[Entry]
    told: Mapping[str, Address]

    @cached_property
    def mains(self) -> list[Entry]:
        """Return the keepalived.conf, less those that another one includes."""
        known = [one for one in self.entries if one.kind is Kind.KEEPALIVED]
        plain = [one for one in known if one.at.name == "keepalived.conf"]
        including = {one.at.parent for one in plain if _INCLUDE.search(one.text)}
        others = [one for one in known if one not in plain and INSTANCE.search(one.text)]
        return plain + [one for one in others if not including & {*one.at.parents}]

    @cached_property
    def own(self) -> dict[str, Entry]:
        """Return the keepalived.conf of each node that has its own, the nodes in the order of their numbers."""
        crowd = Counter(base(one.at) for one in self.mains)
        found: dict[str, Entry] = {}
        for one in self.mains:
            folder = base(one.at)
            beside = [suffix(other) for other in self.mains if base(other.at) == folder and other != one]
            if len(crowd) == 1 < crowd[folder] and (label := suffix(one)):
                name = label
            elif len(crowd) == 1 and any(_SECOND.search(other) for other in beside):
                name = "master"
            elif folder == TOP or (one.manifest and len(self.mains) == 1):
                continue
            else:
                name = self._short(folder)
            if not NODELIKE.match(name):
                raise ProfileError(f"{one.source}: a node is named like a host: letters, digits, dashes, not {name!r}")
            if name in found:
                where = f"{found[name].source} and {one.source}"
                raise ProfileError(f"{self.name}: two keepalived.conf for {name}: {where}; keep one of them")
            found[name] = one
        return {name: found[name] for name in sorted(found, key=_natural)}

    @cached_property
    def shared(self) -> Entry | None:
        """Return the keepalived.conf that is everybody's who has none of his own."""
        left = [one for one in self.mains if one not in self.own.values()]
        if len(left) > 1:
            where = " and ".join(one.source for one in left)
            raise ProfileError(
                f"{self.name}: two kinds of layout at once: whose are {where}? put each into its node's folder"
            )
        return left[0] if left else None

    @property
    def host(self) -> Entry | None:
        """Return the one keepalived.conf where it is one host's: by its place or name, or by what it says of itself."""
        one = self.shared
        if one is None:
            return None
        alone = not one.manifest and (len(one.at.parts) > 1 or suffix(one))
        itself = not _OF_NODE.search(one.text) and (_MASTER.search(one.text) is not None or self._speaking != ())
        return one if alone or (itself and not self.told) else None

    @cached_property
    def _speaking(self) -> tuple[str, ...]:
        """Return the address that the one keepalived.conf sends from, and those of its unicast peers."""
        if self.shared is None or not self.shared.text:
            return ()
        found = keepalived.instances(keepalived.parse(self.shared.text, self.shared.source, ""))
        return next(((one.unicast_src_ip, *one.unicast_peers) for one in found if one.unicast_src_ip), ())

    def as_on(self, node: str, one: Entry) -> str:
        """Return a file's text on a node: of one host's as another would have it, with its own address."""
        peers, number = self._speaking[1:], self.names.index(node)
        if one != self.host or not peers or self.told or not 0 < number <= len(peers):
            return one.text
        here, there = (re.escape(said) for said in (self._speaking[0], peers[number - 1]))
        swapped = {self._speaking[0]: peers[number - 1], peers[number - 1]: self._speaking[0]}
        return re.sub(rf"(?<![\w.:])(?:{here}|{there})(?![\w:]|\.\d)", lambda found: swapped[found[0]], one.text)

    @property
    def uncounted(self) -> bool:
        """Say whether one keepalived.conf is for nobody knows how many nodes."""
        return not self.told and not self.homes and len(self._served()) == 0 and not self._speaking[1:]

    @cached_property
    def homes(self) -> dict[str, PurePosixPath]:
        """Return the folder of each node that has its own."""
        found = {name: base(one.at) for name, one in self.own.items()}
        folders = sorted({base(one.at) for one in self.entries if one.kind in PROXIES} - {TOP, *found.values()})
        named = {self._short(folder): folder for folder in folders}
        if self.shared is not None and len(named) > 1:
            return found | named
        return found | {name: folder for name, folder in named.items() if name in self.told}

    @cached_property
    def names(self) -> list[str]:
        """Return the names of the nodes with a keepalived.conf.

        One that all share is for every node; where a proxy sends to some of them only, for the others.
        """
        own = list(self.homes if self.shared else self.own)
        if not self.told:
            others = len(self._speaking[1:]) if self.host else 0
            return own or [f"m{n}" for n in range(1, (1 + others if others else max(1, len(self._served()))) + 1)]
        known = {name: next((o for o in own if o in (name, name.partition(".")[0])), name) for name in self.told}
        names = [*known.values(), *(name for name in own if name not in known.values())]
        if self.shared is None:
            return [name for name in names if name in own] or names
        served = {address(host) or host for host in self._served()}
        at = {known[name]: where for name, where in self.told.items()}
        return [n for n in names if n in self.own or not {n, at.get(n)} & served] or names

    def at(self, folder: PurePosixPath) -> list[str]:
        """Return the nodes whose folder it is; the top is everybody's."""
        return [name for name in self.names if folder in (TOP, self.homes.get(name))]

    def _short(self, folder: PurePosixPath) -> str:
        """Return what a folder's node is called: the first label of its name, where no other has the same."""
        first = folder.name.partition(".")[0]
        whole = {base(one.at).name for one in self.entries if one.kind in (Kind.KEEPALIVED, *PROXIES)}
        return first if sum(name.partition(".")[0] == first for name in whole) == 1 else folder.name.replace(".", "-")

    def _served(self) -> set[str]:
        """Return the addresses that the proxies' one file sends the service's clients to."""
        for one in self.entries:
            if one.kind in PROXIES and base(one.at) not in self.homes.values():
                found = taken(of_proxy(one.kind, one.text, one.source))
                return {server.address for server in found.listener.servers} if found else set()
        return set()


def base(at: PurePosixPath) -> PurePosixPath:
    """Return the folder whose file it is: what is above those that only say where on a host it lies."""
    folder = at.parent
    while folder.name in PLACES:
        folder = folder.parent
    return folder


def suffix(one: Entry) -> str:
    """Return what a file's name, or its manifest's, says beyond its daemon: backup of keepalived-backup.conf."""
    for name in (one.at.name, one.manifest):
        if said := re.sub(r"[-_.]{2,}", "-", _DAEMON.sub("", name)).strip("-_."):
            return said
    return ""


def _natural(name: str) -> list[tuple[int, str]]:
    """Return what sorts m2 before m10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name) if part]
