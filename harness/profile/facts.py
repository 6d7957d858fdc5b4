"""What a profile presupposes about its machines: written in profile.toml, or read out of the configuration itself."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import ProfileError, UsageError
from harness.profile.haproxy.address import local
from harness.profile.keepalived import Instance
from harness.profile.machines import APISERVER_PORT, Address, Machines, Role, address
from harness.profile.service import ANYWHERE, LOCAL, Listener

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
NOWHERE = ipaddress.ip_address("192.0.2.1")  # RFC 5737: where nobody is
HOSTNAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*$")
INTERFACE = "eth0"  # keepalived's own default


class Stated(BaseModel):
    """profile.toml; whatever it leaves out follows from the configuration files."""

    model_config = ConfigDict(extra="forbid")
    summary: str = ""
    source: str = ""
    subnet: Network | None = None
    vip: Address | None = None
    port: int | None = None
    nodes: dict[str, Address] | None = None
    apiserver_boot_s: float = Field(default=0.0, ge=0.0, le=120.0)


class Facts(BaseModel):
    """Where a profile's machines are and what each is for, and where its service is.

    `interfaces` by node, the one that carries the VIP; `hosts` are the names that the files give servers; `assumed`
    says what was taken for granted where no file tells. `apiserver_boot_s` is how long an apiserver that starts does
    not listen yet.
    """

    model_config = ConfigDict(extra="forbid")
    summary: str
    source: str = ""
    subnet: Network
    vip: Address
    port: int
    nodes: dict[str, Address]
    roles: dict[str, list[Role]]
    hosts: dict[str, Address] = {}
    interfaces: dict[str, str]
    apiserver_port: int = APISERVER_PORT
    apiserver_boot_s: float = 0.0
    assumed: list[str] = Field(default=[], exclude=True)

    def free(self, number: int) -> Address:
        """Return an address of the subnet that nobody has, counted from its end: 0 is the client's, others are seats'.

        Raise ProfileError where there is none left.
        """
        taken = {*self.nodes.values(), self.vip}
        last = min(self.subnet.num_addresses, 1 << 16) - 2
        left = (a for n in range(last, 0, -1) if (a := self.subnet[n]) not in taken)
        found = next(islice(left, number, None), None)
        if found is None:
            raise ProfileError(f'{self.subnet} has no address left for one more machine; say a wider subnet = "…"')
        return found

    @property
    def lbs(self) -> list[str]:
        """Return the nodes with keepalived, who may hold the VIP."""
        return [node for node, roles in self.roles.items() if Role.LB in roles]

    @property
    def masters(self) -> list[str]:
        """Return the nodes with an apiserver and a member of etcd."""
        return [node for node, roles in self.roles.items() if Role.MASTER in roles]

    def node_at(self, host: str) -> str | None:
        """Return the node that an address or a name of the files stands for; None where it is none of them."""
        where = address(host) or self.hosts.get(host)
        return next((node for node, at in self.nodes.items() if at == where), host if host in self.nodes else None)


def stated(file: Path, text: str) -> Stated:
    """Return what profile.toml says; raise ProfileError naming its line or its key."""
    try:
        return Stated.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{file}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ProfileError(f"{file}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error


def chosen(said: Stated, service: str) -> Stated:
    """Return what profile.toml says with the service that the user chose: VIP, port, or VIP:port; "" chooses none."""
    if not service:
        return said
    host, _, port = service.rpartition(":") if address(service) is None else (service, "", "")
    vip = address(host.strip("[]"))
    if (host and vip is None) or (port and not port.isdecimal()) or not (vip or port):
        raise UsageError(f"--service {service}: a VIP, a port, or both, such as 10.0.0.100:6443 or [fd00::100]:6443")
    return said.model_copy(update={"vip": vip or said.vip, "port": int(port) if port else said.port})


def complete(
    folder: Path,
    said: Stated,
    instances: Mapping[str, Sequence[Instance]],
    service: Listener | None,
    listeners: Sequence[Listener],
) -> Facts:
    """Return the facts of a profile; raise ProfileError where neither file nor profile.toml tells one.

    `service` is what leads to the apiservers, one of the `listeners`. What servers of others are called resolves too.
    A server that is disabled is a master all the same, and a member of etcd.
    """
    carried = {a for group in instances.values() for i in group for a in (*i.addresses, *i.excluded)}
    bound = service.bound([str(said.vip)] if said.vip else carried) if service else None
    vip = said.vip or (address(bound[0]) if bound and bound[0] not in ANYWHERE else None) or _vip(folder, instances)
    behind = service.listed if service else ()
    everywhere = {port for one in listeners for host, port in one.binds if host in ANYWHERE}
    apart = any(server.port in everywhere for server in behind)
    machines = Machines(folder, said.nodes or {}, instances, behind, apart, vip)
    subnet = said.subnet or _subnet(folder, vip, machines.nodes)
    for node, at in machines.nodes.items():
        if at.version != subnet.version:
            raise ProfileError(
                f"{folder}: {at} is of another family than {subnet}, and may be a second address of one of its hosts: "
                "no file tells which; leave the servers of one family"
            )
        if at not in subnet:
            raise ProfileError(
                f"{folder}: {node}'s address {at} is outside the subnet {subnet}; "
                f'say subnet = "…" in {folder / "profile.toml"}'
            )
    interfaces = {node: _carrier(group, str(vip)).interface or INTERFACE for node, group in instances.items()}
    usual = next(iter(interfaces.values()))
    return Facts(
        summary=said.summary or f"the files in {folder.name}",
        source=said.source,
        subnet=subnet,
        vip=vip,
        port=said.port or _port(folder, service, bound),
        nodes=machines.nodes,
        roles=machines.roles,
        hosts=dict.fromkeys(_named(listeners), NOWHERE) | machines.hosts,
        interfaces={node: interfaces.get(node, usual) for node in machines.nodes},
        apiserver_port=behind[0].port if behind else APISERVER_PORT,
        apiserver_boot_s=said.apiserver_boot_s,
        assumed=machines.assumed,
    )


def _named(listeners: Sequence[Listener]) -> list[str]:
    """Return the names that servers go by: a proxy does not start with one that it cannot look up."""
    names = [server.address for one in listeners for server in one.listed]
    return [name for name in names if name not in LOCAL and HOSTNAME.match(name) and address(name) is None]


def _port(folder: Path, service: Listener | None, bound: tuple[str, int] | None) -> int:
    """Return where clients of the VIP ask; a proxy that does not listen there may yet, or be passed to."""
    listened = [bound] if bound else service.binds if service else ()
    port = next((port for _, port in listened if port), None)
    if port is None and service and any(not local(host) for host, _ in service.binds):
        raise ProfileError(
            f"{service.where}: {service.name} listens on a port that an environment variable holds: no file here tells "
            f"it; --service 10.0.0.100:8443 does, or port = 8443 in {folder / 'profile.toml'}"
        )
    return port or APISERVER_PORT


def _carrier(group: Sequence[Instance], vip: str) -> Instance:
    return next((i for i in group if vip in (*i.addresses, *i.excluded)), group[0])


def _vip(folder: Path, instances: Mapping[str, Sequence[Instance]]) -> Address:
    found = [ipaddress.ip_address(a) for group in instances.values() for i in group for a in i.addresses]
    if not found:
        raise ProfileError(f"{folder}: no virtual_ipaddress in any keepalived.conf; add the one that clients use")
    return next((a for a in found if a.version == 4), found[0])


def _subnet(folder: Path, vip: Address, nodes: Mapping[str, Address]) -> Network:
    """Return the smallest of /24, /23 … /16 (/64 of IPv6) that holds the nodes, and a VIP of their family."""
    first = next(iter(nodes.values()))
    inside = [a for a in (*nodes.values(), vip) if a.version == first.version]
    for length in range(24, 15, -1) if first.version == 4 else (64, 56, 48):
        subnet = ipaddress.ip_network(f"{first}/{length}", strict=False)
        if all(a in subnet for a in inside):
            return subnet
    raise ProfileError(
        f"{folder}: {', '.join(map(str, inside))} are not in one subnet, and a lab has one; where hosts have addresses "
        "in two of them, no file tells which are one host's: leave those of one. "
        f'If it is a large one, say subnet = "…" in {folder / "profile.toml"}'
    )
