"""A lab: the nodes and the client of one trial on a network of their own, from nothing to nothing."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import docker
from docker.errors import APIError, ImageNotFound
from docker.models.networks import Network

from harness.errors import LabError
from harness.lab import certificates, images, labels, network, preflight
from harness.lab.live import Live
from harness.lab.machine import Files, Machine
from harness.model.timers import APISERVER_TIMEOUT_S
from harness.profile.folder import Profile, moved
from harness.profile.instrument import Instrumented, instrument

Progress = Callable[[str], None]
PROCESSES = ["haproxy", "keepalived", "kube-apiserver", "etcd", "rsyslogd"]
CAPABILITIES = ["NET_ADMIN", "NET_RAW"]
# A node that boots on the same cores must not make the prober late; priorities only count within a container.
CLIENT_CPU_SHARES = 64 * 1024


@dataclass
class Lab:
    """A built lab; `plain` and `instrumented` are the profile as it was moved here and as it runs."""

    name: str
    plain: Profile
    instrumented: Instrumented
    token: str
    live: Live
    nodes: dict[str, Machine] = field(default_factory=dict)
    client: Machine = field(init=False)
    versions: dict[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Let go of the containers; held ones end."""
        for machine in self.machines():
            machine.release()

    def machines(self) -> list[Machine]:
        return [*self.nodes.values(), *([self.client] if hasattr(self, "client") else [])]


@contextmanager
def up(
    client: docker.DockerClient,
    profile: Profile,
    progress: Progress,
    restart: bool = False,
    keep: bool = False,
) -> Iterator[Lab]:
    """Build a lab for `profile` and yield it running; remove every part of it at the end unless `keep`."""
    labels.sweep(client)
    tags = {kind: images.ensure(client, kind, progress) for kind in ("master", "client")}
    name = f"fh-{secrets.token_hex(3)}"
    marks = labels.mark(name, kept=keep)
    with ExitStack() as stack:
        live = Live()
        if not keep:
            stack.callback(live.close)
            stack.callback(labels.sweep, client, lab=name)
        for remark in preflight.check(client, profile, tags["master"], marks):
            progress(remark)
        try:
            bridge, subnet = network.create(client, name, marks)
            plain = moved(profile, subnet)
            lab = Lab(name, plain, instrument(plain), secrets.token_hex(16), live)
            stack.callback(lab.close)
            _assemble(client, lab, bridge, tags, marks, restart, held=not keep)
        except (APIError, ImageNotFound) as error:
            raise LabError(f"the engine could not build the lab: {error.explanation or error}") from error
        lab.versions = _versions(client, lab)
        yield lab


def _assemble(
    client: docker.DockerClient,
    lab: Lab,
    bridge: Network,
    tags: dict[str, str],
    marks: dict[str, str],
    restart: bool,
    held: bool,
) -> None:
    authority, facts = certificates.authority(), lab.plain.facts
    for node, address in facts.nodes.items():
        lab.nodes[node] = _create(client, lab, node, str(address), bridge, tags["master"], marks)
        lab.nodes[node].put(_node_files(lab, node, authority, marks, restart))
    lab.client = _create(
        client, lab, "client", str(facts.subnet[250]), bridge, tags["client"], marks, CLIENT_CPU_SHARES
    )
    lab.client.put(_client_files(lab, authority, marks))
    for machine in lab.machines():
        machine.held = held
    with ThreadPoolExecutor() as pool:  # together, as after a power cut
        list(pool.map(Machine.start, lab.machines()))
    for machine in lab.nodes.values():
        lab.live.follow(machine)


def _create(
    client: docker.DockerClient,
    lab: Lab,
    name: str,
    address: str,
    bridge: Network,
    tag: str,
    marks: dict[str, str],
    cpu_shares: int = 1024,
) -> Machine:
    endpoint = client.api.create_endpoint_config(ipv4_address=address)
    container = client.containers.create(
        tag,
        name=f"{lab.name}-{name}",
        hostname=name,
        network=bridge.name,
        networking_config={bridge.name: endpoint},
        cap_add=[*CAPABILITIES, "SYS_NICE"],
        cpu_shares=cpu_shares,
        labels=marks,
    )
    return Machine(name, container, lab.plain.facts.interface)


def _node_files(lab: Lab, node: str, authority: certificates.Authority, marks: dict[str, str], restart: bool) -> Files:
    profile = lab.instrumented.profile
    addresses = {n: str(a) for n, a in profile.facts.nodes.items()}
    certificate, key = authority.issue(node, [addresses[node], str(profile.facts.vip), "127.0.0.1"])
    members = ",".join(f"{n}=http://{a}:2380" for n, a in addresses.items())
    env = {
        "NODE": node,
        "ADDRESS": addresses[node],
        "ETCD_CLUSTER": members,
        "LAB": lab.name,
        "EXPIRES": marks[labels.EXPIRES],
        "APISERVER_ARGS": f"--etcd-timeout {APISERVER_TIMEOUT_S:g}s",
    }
    facts = {
        "node": node,
        "interface": profile.facts.interface,
        "vips": [str(profile.facts.vip)],
        "haproxy_sockets": [lab.instrumented.haproxy_sockets[node]],
        "notify_fifo": lab.instrumented.notify_fifo,
        "processes": PROCESSES,
        "addresses": addresses,
    }
    files = {file.path: (file.text, file.mode) for file in profile.files[node]}
    if restart:
        files["/etc/harness/restart"] = ("", 0o644)
    return files | {
        "/etc/harness/node.env": ("".join(f"{k}='{v}'\n" for k, v in env.items()), 0o644),
        "/etc/harness/node.json": (json.dumps(facts, indent=1), 0o644),
        "/etc/harness/ca.crt": (authority.pem, 0o644),
        "/etc/harness/apiserver.crt": (certificate, 0o644),
        "/etc/harness/apiserver.key": (key, 0o600),
        "/etc/harness/token": (lab.token, 0o600),
    }


def _client_files(lab: Lab, authority: certificates.Authority, marks: dict[str, str]) -> Files:
    facts = lab.plain.facts
    endpoint = f"https://{facts.vip}:{facts.port}"
    about = {
        "node": "client",
        "interface": facts.interface,
        "vips": [str(facts.vip)],
        "addresses": {n: str(a) for n, a in facts.nodes.items()},
        "endpoint": endpoint,
        "ca": "/etc/harness/ca.crt",
        "token": lab.token,
    }
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "lab", "cluster": {"server": endpoint, "certificate-authority": about["ca"]}}],
        "users": [{"name": "probe", "user": {"token": lab.token}}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "probe"}}],
        "current-context": "lab",
    }
    return {
        "/etc/harness/node.env": (f"EXPIRES='{marks[labels.EXPIRES]}'\n", 0o644),
        "/etc/harness/node.json": (json.dumps(about, indent=1), 0o644),
        "/etc/harness/ca.crt": (authority.pem, 0o644),
        "/etc/harness/kubeconfig": (json.dumps(kubeconfig), 0o600),
    }


def await_steady(lab: Lab, within_s: float) -> float:
    """Wait until every node is steady and the VIP answers; return the seconds waited, or raise LabError."""
    began = time.monotonic()
    missing: str | None = "nothing has reported yet"
    while time.monotonic() - began < within_s:
        missing = lab.live.unsteady(lab.nodes)
        if missing is None:
            missing = _unanswered(lab)
        if missing is None:
            return time.monotonic() - began
        time.sleep(0.05)
    raise LabError(f"no steady state within {within_s:.0f} s: {missing}")


def _unanswered(lab: Lab) -> str | None:
    facts = lab.plain.facts
    url = f"https://{facts.vip}:{facts.port}/readyz"
    said = lab.client.run("curl", "-sS", "-m", "1", "--cacert", "/etc/harness/ca.crt", url, check=False)
    return None if said.strip() == "ok" else f"GET {url} says {said.strip()[:80]!r}"


def _versions(client: docker.DockerClient, lab: Lab) -> dict[str, str]:
    packages = ["keepalived", "haproxy", "etcd-server", "rsyslog", "runit"]
    said = next(iter(lab.nodes.values())).run("dpkg-query", "-W", *packages)
    engine = client.version()
    return dict(line.split("\t") for line in said.splitlines()) | {
        "engine": engine["Version"],
        "kernel": engine["KernelVersion"],
    }
