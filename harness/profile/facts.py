"""What a profile presupposes about its machines: written in profile.toml, or read out of the configuration itself."""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.errors import ProfileError
from harness.profile.keepalived import Instance

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
APISERVER_PORT = 6443
INTERFACE = "eth0"  # keepalived's own default


class Behind(Protocol):
    """A server that the VIP leads to, whichever load balancer has it."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def port(self) -> int: ...


class Stated(BaseModel):
    """profile.toml; whatever it leaves out follows from the configuration files."""

    model_config = ConfigDict(extra="forbid")
    summary: str = ""
    source: str = ""
    subnet: ipaddress.IPv4Network | None = None
    vip: Address | None = None
    port: int | None = None
    nodes: dict[str, ipaddress.IPv4Address] | None = None


class Facts(BaseModel):
    """Where a profile's machines are and where its service is; `interfaces` by node, the one that carries the VIP."""

    model_config = ConfigDict(extra="forbid")
    summary: str
    source: str = ""
    subnet: ipaddress.IPv4Network
    vip: Address
    port: int
    nodes: dict[str, ipaddress.IPv4Address]
    interfaces: dict[str, str]
    apiserver_port: int = APISERVER_PORT

    @property
    def client(self) -> ipaddress.IPv4Address:
        """Return an address of the subnet that nobody has, for the client."""
        taken = {*self.nodes.values(), self.vip}
        return next(a for a in reversed(list(self.subnet.hosts())) if a not in taken)


def stated(file: Path, text: str) -> Stated:
    """Return what profile.toml says; raise ProfileError naming its line or its key."""
    try:
        return Stated.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{file}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ProfileError(f"{file}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error


def complete(
    folder: Path,
    said: Stated,
    instances: Mapping[str, Sequence[Instance]],
    servers: Sequence[Behind],
    port: int | None,
) -> Facts:
    """Return the facts of a profile; raise ProfileError where neither file nor profile.toml tells one."""
    nodes = said.nodes or {node: _address(folder, node, n, instances, servers) for n, node in enumerate(instances)}
    vip = said.vip or _vip(folder, instances)
    subnet = said.subnet or _subnet(folder, vip, nodes)
    for node, address in nodes.items():
        if address not in subnet:
            raise ProfileError(
                f"{folder}: {node}'s address {address} is outside the subnet {subnet}; "
                f'say subnet = "…" in {folder / "profile.toml"}'
            )
    return Facts(
        summary=said.summary or f"the files in {folder.name}",
        source=said.source,
        subnet=subnet,
        vip=vip,
        port=said.port or port or APISERVER_PORT,
        nodes=nodes,
        interfaces={node: _carrier(group, str(vip)).interface or INTERFACE for node, group in instances.items()},
        apiserver_port=servers[0].port if servers else APISERVER_PORT,
    )


def _carrier(group: Sequence[Instance], vip: str) -> Instance:
    return next((i for i in group if vip in (*i.addresses, *i.excluded)), group[0])


def _address(
    folder: Path, node: str, number: int, instances: Mapping[str, Sequence[Instance]], servers: Sequence[Behind]
) -> ipaddress.IPv4Address:
    """Return a node's address: as its keepalived says, as a server of its name has it, or as the n-th server has it."""
    own = [i.unicast_src_ip for i in instances[node] if i.unicast_src_ip]
    named = [s.address for s in servers if s.name == node]
    listed = list(dict.fromkeys(s.address for s in servers))
    in_order = [listed[number]] if len(listed) == len(instances) else []
    for candidate in (*own, *named, *in_order):
        try:
            return ipaddress.IPv4Address(candidate)
        except ValueError:
            continue
    if listed and len(listed) != len(instances):
        raise ProfileError(
            f"{folder}: keepalived.conf for {', '.join(instances)}, but {len(listed)} servers behind the VIP "
            f"({', '.join(listed)}); every one needs a keepalived.conf"
        )
    raise ProfileError(
        f"{folder}: no file tells {node}'s address; say it in {folder / 'profile.toml'}:\n"
        f'[nodes]\n{node} = "10.0.0.{11 + number}"'
    )


def _vip(folder: Path, instances: Mapping[str, Sequence[Instance]]) -> Address:
    found = [ipaddress.ip_address(a) for group in instances.values() for i in group for a in i.addresses]
    if not found:
        raise ProfileError(f"{folder}: no virtual_ipaddress in any keepalived.conf; add the one that clients use")
    return next((a for a in found if a.version == 4), found[0])


def _subnet(folder: Path, vip: Address, nodes: Mapping[str, ipaddress.IPv4Address]) -> ipaddress.IPv4Network:
    """Return the smallest of /24, /23 … /16 that holds the nodes, and the VIP where that is of their family."""
    inside = [*nodes.values(), *([vip] if isinstance(vip, ipaddress.IPv4Address) else [])]
    for length in range(24, 15, -1):
        subnet = ipaddress.ip_network(f"{inside[0]}/{length}", strict=False)
        if isinstance(subnet, ipaddress.IPv4Network) and all(a in subnet for a in inside):
            return subnet
    raise ProfileError(
        f"{folder}: {', '.join(map(str, inside))} are not in one subnet; "
        f'the VIP has to be in the nodes\' own; say subnet = "…" in {folder / "profile.toml"} if it is a large one'
    )
