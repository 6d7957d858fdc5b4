"""A lab: the nodes and the client of one trial on a network of their own, from nothing to nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property

import docker
from docker.errors import APIError, ImageNotFound
from docker.models.networks import Network
from docker.types import Ulimit

from harness.contracts import Progress
from harness.errors import LabError
from harness.lab import certificates, descriptors, images, labels, network, preflight
from harness.lab.briefing import CLIENT, CLIENT_INTERFACE, SEATS, Briefing
from harness.lab.live import Live, Missing
from harness.lab.machine import Machine
from harness.predict.timers import Timers
from harness.profile import sysctl
from harness.profile.folder import Profile
from harness.profile.instrument import Instrumented, instrument

CAPABILITIES = ["NET_ADMIN", "NET_RAW"]
# A node that boots on the same cores must not make the prober late; priorities only count within a container.
CLIENT_CPU_SHARES = 64 * 1024


@dataclass(frozen=True)
class Site:
    """Where a lab's machines are made, and what they are told; those that are `held` end with this process."""

    engine: docker.DockerClient
    briefing: Briefing
    bridge: Network
    tags: Mapping[str, str]
    held: bool

    def create(self, lab: Lab, name: str, kind: str, cpu_shares: int = 1024) -> Machine:
        """Make a machine of a lab, of one of the images; it does not run yet."""
        facts = lab.plain.facts
        endpoint = self.engine.api.create_endpoint_config(ipv4_address=self.briefing.leased[name])
        own = map(str, facts.nodes.values())
        carried = (a for group in lab.plain.instances.values() for i in group for a in i.addresses)
        container = self.engine.containers.create(
            self.tags[kind],
            name=f"{lab.name}-{name}",
            hostname=name,
            network=self.bridge.name,
            networking_config={self.bridge.name: endpoint},
            cap_add=[*CAPABILITIES, "SYS_NICE"],
            cpu_shares=cpu_shares,
            ulimits=lab.limits if name in facts.nodes else [],
            labels=self.briefing.marks,
            sysctls=sysctl.needed(lab.plain.files.get(name, ()))
            | ({"net.ipv6.conf.all.disable_ipv6": "0"} if any(":" in a for a in (*carried, *own)) else {}),
        )
        return Machine(name, container, facts.interfaces.get(name, CLIENT_INTERFACE))


@dataclass
class Lab:
    """A built lab; `plain` and `instrumented` are the profile as its operator wrote it and as it runs."""

    name: str
    plain: Profile
    instrumented: Instrumented
    token: str
    live: Live
    limits: list[Ulimit] = field(default_factory=list)
    nodes: dict[str, Machine] = field(default_factory=dict)
    client: Machine = field(init=False)
    seats: dict[str, Machine] = field(default_factory=dict)
    site: Site = field(init=False)
    versions: dict[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Let go of the containers; held ones end."""
        for machine in self.machines():
            machine.release()

    @cached_property
    def timers(self) -> Timers:
        return Timers(self.plain)

    def unsteady(self) -> Missing | None:
        """Say what is still missing to a steady state; None when nothing is, and the VIP is where it will stay."""
        return self.live.unsteady() or _away(self)

    def machines(self) -> list[Machine]:
        return [*self.nodes.values(), *([self.client] if hasattr(self, "client") else []), *self.seats.values()]

    def guests(self) -> dict[str, str]:
        """Return who sits in which seat, by the image's name without its tag."""
        seats = {machine.container.id: name for name, machine in self.seats.items()}
        found = {}
        for container in self.site.engine.containers.list(all=True, ignore_removed=True) if seats else ():
            _, _, host = container.attrs["HostConfig"]["NetworkMode"].partition("container:")
            if host in seats:
                path, slash, name = container.attrs["Config"]["Image"].rpartition("/")
                found[seats[host]] = path + slash + name.partition(":")[0]
        return found

    def seat(self) -> Machine:
        """Add a machine for a guest, who shares its network; raise LabError where there are as many as can be."""
        name = next((one for one in SEATS if one not in self.seats), None)
        if name is None:
            raise LabError(f"a lab has at most {len(SEATS)} seats")
        site = self.site
        machine = self.seats[name] = site.create(self, name, "client")
        machine.put(site.briefing.client(name))
        machine.held = site.held
        machine.start()
        return machine


@contextmanager
def up(
    client: docker.DockerClient,
    profile: Profile,
    progress: Progress,
    restart: bool = False,
    keep: bool = False,
    idle: bool = False,
) -> Iterator[Lab]:
    """Build a lab for `profile` and yield it running; remove every part of it at the end unless `keep`.

    `idle` leaves keepalived without a configuration: no election, no check.
    """
    labels.sweep(client)
    tags = {kind: images.ensure(client, kind, progress) for kind in ("master", "client")}
    name = f"fh-{secrets.token_hex(3)}"
    marks = labels.mark(name, kept=keep)
    with ExitStack() as stack:
        live = Live(profile.facts.roles, checked=any(profile.servers.values()))
        if not keep:
            stack.callback(live.close)
            stack.callback(labels.sweep, client, lab=name)
        for remark in preflight.check(client, profile, tags["master"], marks):
            progress(remark)
        try:
            given = descriptors.granted(client, tags["master"], marks)
            bridge, subnet = network.create(client, name, marks)
            lab = Lab(name, profile, instrument(profile, given.number), secrets.token_hex(16), live, given.limits)
            stack.callback(lab.close)
            leased = {one: str(subnet[n]) for n, one in enumerate([CLIENT, *profile.facts.nodes, *SEATS], 10)}
            told = Briefing(name, lab.instrumented, certificates.authority(), lab.token, marks, leased, restart, idle)
            lab.site = Site(client, told, bridge, tags, held=not keep)
            _assemble(lab)
        except (APIError, ImageNotFound) as error:
            raise LabError(f"the engine could not build the lab: {error.explanation or error}") from error
        lab.versions = _versions(client, lab)
        yield lab


def _assemble(lab: Lab) -> None:
    site = lab.site
    for node in lab.plain.facts.nodes:
        lab.nodes[node] = site.create(lab, node, "master")
        lab.nodes[node].put(site.briefing.node(node))
    lab.client = site.create(lab, CLIENT, "client", CLIENT_CPU_SHARES)
    lab.client.put(site.briefing.client())
    for machine in lab.machines():
        machine.held = site.held
    with ThreadPoolExecutor() as pool:  # together, as after a power cut
        list(pool.map(Machine.start, lab.machines()))
    for machine in lab.nodes.values():
        lab.live.follow(machine)


def _away(lab: Lab) -> Missing | None:
    """Say that the VIP has not come home yet, where some node will still take it back."""
    best, owner = lab.timers.advertised, lab.live.vip_owner
    strongest = max(best, key=best.__getitem__)
    settled = owner is not None and best[owner] == best[strongest]
    preempts = lab.plain.instances[strongest][0].preempts
    return None if settled or not preempts else Missing(f"{owner} has the VIP, and {strongest} is stronger")


def _versions(client: docker.DockerClient, lab: Lab) -> dict[str, str]:
    balancer = [lab.plain.front] if lab.plain.balanced else []
    packages = ["keepalived", *balancer, "etcd-server", "rsyslog", "runit"]
    said = next(iter(lab.nodes.values())).ask("dpkg-query", "-W", *packages)
    engine = client.version()
    return dict(line.split("\t") for line in said.splitlines()) | {
        "engine": engine["Version"],
        "kernel": engine["KernelVersion"],
    }
