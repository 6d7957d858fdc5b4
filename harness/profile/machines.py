"""Which machines there are, where each is and what it is for: as profile.toml says, or worked out from the files."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from harness.errors import ProfileError
from harness.profile.keepalived import Instance

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
APISERVER_PORT = 6443
LOOPBACK = "127.0.0.1"
HOSTLIKE = re.compile(r"[a-z0-9][a-z0-9-]{0,40}$")
_BALANCER = re.compile(r"(?:^|[-_])(?:lb|ha-?proxy|load-?balancer|balancer|proxy|nginx)[-_]?\d{0,2}$", re.IGNORECASE)
_MASTER = re.compile(r"(?:^|[-_])(?:m|cp|master|control-?plane|controller|ctrl)[-_]?(\d{1,2})$", re.IGNORECASE)


class Role(StrEnum):
    """What a machine is for: LB has keepalived, and a proxy if there is one; MASTER an apiserver and etcd."""

    LB = "lb"
    MASTER = "master"


class Behind(Protocol):
    """A server that the VIP leads to, whichever load balancer has it."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def port(self) -> int: ...


@dataclass
class Machines:
    """The machines as they are found, those with a keepalived.conf first; `hosts` are names that servers go by.

    `apart` says that the proxy has the apiservers' port to itself, so that no apiserver is beside it; `numbered`
    are nodes that no file tells the address of, and the servers that they are taken for, `balancing` those that are
    taken for none.
    """

    folder: Path
    told: Mapping[str, Address]
    instances: Mapping[str, Sequence[Instance]]
    servers: Sequence[Behind]
    apart: bool
    vip: Address
    nodes: dict[str, Address] = field(default_factory=dict)
    hosts: dict[str, Address] = field(default_factory=dict)
    masters: list[str] = field(default_factory=list)
    numbered: dict[str, str] = field(default_factory=dict)
    balancing: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hosts.update(self._named())
        for node in self.instances:
            self.nodes[node] = self._address(node)
        self.masters = list(dict.fromkeys(self._masters())) if self.servers else list(self.instances)
        for name in self.told:
            if name not in self.nodes and self.told[name] not in (*self.hosts.values(), *self.nodes.values()):
                raise ProfileError(
                    f"{self.folder / 'profile.toml'}: [nodes] {name}: it has no keepalived.conf, and no proxy sends to "
                    f"{self.told[name]}; put its file into {self.folder / name}/, or leave it out"
                )

    @property
    def roles(self) -> dict[str, list[Role]]:
        """Return what each machine is for."""
        return {
            node: [
                *([Role.LB] if node in self.instances else []),
                *([Role.MASTER] if node in self.masters else []),
            ]
            for node in self.nodes
        }

    @property
    def assumed(self) -> list[str]:
        """Return what is taken for granted where no file tells."""
        if self.balancing:
            names = ", ".join(self.balancing)
            return [f"by their names {names} are taken for load balancers beside the masters; [nodes] tells otherwise"]
        if not self.numbered:
            return []
        same = ", ".join(f"{node} is {name}" for node, name in self.numbered.items())
        return [f"by their numbers {same}, and other masters are taken to have no keepalived; [nodes] tells otherwise"]

    def _at(self, server: Behind) -> Address | None:
        """Return where a server is; None where no file tells."""
        host = LOOPBACK if server.address == "localhost" else server.address
        return address(host) or self.hosts.get(host) or self.nodes.get(host.partition(".")[0])

    def _named(self) -> Iterator[tuple[str, Address]]:
        """Yield the servers' names that [nodes] tells the address of: the whole, its first label, or in order."""
        names = [n for n in dict.fromkeys(s.address for s in self.servers) if address(n) is None]
        known = {n: self.told.get(n) or self.told.get(n.partition(".")[0]) for n in names}
        if names and not any(known.values()):
            for others in (list(self.told), [n for n in self.told if n not in self.instances]):
                if len(others) == len(names):
                    known = {n: self.told[other] for n, other in zip(names, others, strict=True)}
                    break
        return ((n, found) for n, found in known.items() if found is not None)

    def _address(self, node: str) -> Address:
        """Return a node's address: as told, as its keepalived says, as a server of its name or the n-th has it."""
        own = [i.unicast_src_ip for i in self.instances[node] if i.unicast_src_ip]
        named = [
            at for s in self.servers if _plain(node) in (_plain(s.name), _plain(s.address)) and (at := self._at(s))
        ]
        listed = {s.address: self._at(s) for s in self.servers}
        number = list(self.instances).index(node)
        balancing = bool(self.servers) and all(map(_BALANCER.search, self.instances))
        same = len(listed) == len(self.instances) and not self.apart and not balancing
        in_order = [[*listed.values()][number]] if same else []
        found: list[Address | None] = [self._told(node), *map(address, own), *named, *in_order]
        if told := [one for one in found if one is not None]:
            return told[0]
        if self.apart and len(listed) != len(self.instances):
            return self._free()
        if balancing and not self.apart:
            self.balancing.append(node)
            return self._free()
        if at := self._numbered(node, listed):
            return at
        if listed and len(listed) != len(self.instances):
            raise ProfileError(
                f"{self.folder}: keepalived.conf for {', '.join(self.instances)}, but {len(listed)} servers behind the "
                f"VIP ({', '.join(listed)}): if these are the same machines, every one needs a "
                f"keepalived.conf; if not, {self._remedy(node, self._free())}"
            )
        raise ProfileError(
            f"{self.folder}: no file tells {node}'s address; {self._remedy(node, f'10.0.0.{11 + number}')}"
        )

    def _told(self, node: str) -> Address | None:
        """Return the address that [nodes] has for a node, under its name or under its whole one."""
        return self.told.get(node) or next(
            (at for name, at in self.told.items() if name.partition(".")[0] == node), None
        )

    def _numbered(self, node: str, listed: Mapping[str, Address | None]) -> Address | None:
        """Return where the server of a node's number is, where its name says that it is a master: m2, cp-2."""
        found = _MASTER.search(node)
        if not found or not 0 < int(found[1]) <= len(listed) or len(self.instances) > len(listed):
            return None
        name, at = list(listed.items())[int(found[1]) - 1]
        self.numbered[node] = name
        return at

    def _free(self) -> Address:
        """Return an address that nobody has: any will do for one that only clients ask, by the VIP."""
        taken = {*map(self._at, self.servers), *self.nodes.values(), *self.told.values(), self.vip}
        first = self.vip - (int(self.vip) & 0xFF)
        return next(one for n in range(1, len(taken) + 2) if (one := first + n) not in taken)

    def _remedy(self, node: str, at: Address | str) -> str:
        return f'say it in {self.folder / "profile.toml"}:\n[nodes]\n{node} = "{at}"'

    def _masters(self) -> Iterator[str]:
        """Yield whom the proxies send to; who is not among the machines yet is a machine of its own."""
        for server in self.servers:
            at = self._at(server)
            if at is not None and at.is_loopback:
                yield from self.instances
                continue
            if at is None:
                raise ProfileError(
                    f"{self.folder}: server {server.name}: no file tells the address of {server.address}; say it in "
                    f'{self.folder / "profile.toml"}:\n[nodes]\n"{server.address}" = "10.0.0.11"'
                )
            here = next((node for node, where in self.nodes.items() if where == at), None)
            if here is None:
                here = self._name(server, at)
                self.nodes[here] = at
            if address(server.address) is None:
                self.hosts[server.address] = at
            yield here

    def _name(self, server: Behind, at: Address) -> str:
        """Return what a machine that only a proxy tells of is called: as in [nodes], as the server, or m1, m2, …"""
        said = [name for name, where in self.told.items() if where == at]
        for name in (*said, *(name.partition(".")[0] for name in said), server.name):
            if HOSTLIKE.match(name) and name not in self.nodes:
                return name
        return next(name for n in range(1, 1 << 10) if (name := f"m{n}") not in self.nodes)


def _plain(name: str) -> str:
    """Return a host's name as all write it that write it differently: its first label, without capitals."""
    return name.partition(".")[0].casefold().replace("_", "-")


def address(said: str) -> Address | None:
    """Return an address; None for a name."""
    try:
        return ipaddress.ip_address(said)
    except ValueError:
        return None
