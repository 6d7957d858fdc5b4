"""What a lab's machines find on their disks before they first boot: the profile's files, and who they are."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Interface, ip_address

from harness.lab import labels
from harness.lab.certificates import Authority
from harness.lab.machine import Files
from harness.predict.timers import APISERVER_TIMEOUT_S
from harness.profile.carried import Fed
from harness.profile.facts import INTERFACE, Facts
from harness.profile.folder import FRONTS, Profile
from harness.profile.instrument import Instrumented
from harness.profile.machines import Address, Role
from harness.select import LB_RUNS, MASTER_RUNS

CLIENT, CLIENT_INTERFACE = "client", INTERFACE
SEATS = tuple(f"seat{number}" for number in range(1, 9))
IDLE = {
    "/etc/sv/keepalived/run": (
        "#!/bin/sh\nexec keepalived --dont-fork --log-console -f /etc/harness/idle.conf 2>&1\n",
        0o755,
    ),
    "/etc/harness/idle.conf": ("global_defs {\n}\n", 0o644),
}


@dataclass(frozen=True)
class Briefing:
    """What one lab tells its machines; `leased` are the addresses that the engine gave them for the time being.

    With `idle` keepalived runs without a configuration: it is there, holds no VIP and calls no script.
    """

    lab: str
    instrumented: Instrumented
    authority: Authority
    token: str
    marks: dict[str, str]
    leased: dict[str, str]
    restart: bool
    idle: bool = False

    @property
    def _profile(self) -> Profile:
        return self.instrumented.profile

    @property
    def _facts(self) -> Facts:
        return self._profile.facts

    def node(self, node: str) -> Files:
        """Return a node's files."""
        profile, facts = self._profile, self._facts
        certificate, key = self.authority.issue(node, [str(facts.nodes[node]), str(facts.vip), "127.0.0.1"])
        runs = self._runs(node)
        anywhere = " --bind-address 0.0.0.0,::" if facts.nodes[node].version == 6 else ""
        env = {
            "NODE": node,
            "ADDRESS": bracketed(facts.nodes[node]),
            "ETCD_CLUSTER": ",".join(f"{n}=http://{bracketed(facts.nodes[n])}:2380" for n in facts.masters),
            "LAB": self.lab,
            "EXPIRES": self.marks[labels.EXPIRES],
            "SECURE_PORT": str(facts.apiserver_port),
            "APISERVER_ARGS": f"--etcd-timeout {APISERVER_TIMEOUT_S:g}s --boot-s {facts.apiserver_boot_s:g}{anywhere}",
        }
        socket = self.instrumented.haproxy_sockets.get(node)
        about = self._about(node, facts.interfaces[node]) | {
            "instance": profile.instances[node][0].name if node in facts.lbs else "",
            "haproxy_sockets": [socket] if socket else [],
            "backends": sorted({server.backend for server in profile.servers.get(node, [])}),
            "notify_fifo": self.instrumented.notify_fifo,
            "processes": list(dict.fromkeys([*runs, "rsyslogd", *(fed.process.named[:15] for fed in self._fed(node))])),
            "tracked": [_tracked(fed) for fed in self._fed(node)],
            **self._asking,
        }
        files = {file.path: (file.text, file.mode) for file in profile.files.get(node, [])}
        files |= self.authority.named(profile.files.get(node, []), certificate, key)
        for fed in self._fed(node):  # nothing runs yet
            files |= {path: (said, 0o644) for path, said in ((fed.when_lost, "1\n"), (fed.when_stands, "0\n")) if path}
        files |= {f"/etc/sv/{name}/down": ("", 0o644) for name in LB_RUNS + MASTER_RUNS if name not in runs}
        files |= {"/etc/harness/restart": ("", 0o644)} if self.restart else {}
        files |= IDLE if self.idle else {}
        return files | {
            **self._common(node, env, about),
            "/etc/harness/folders": ("".join(f"{f}\n" for f in self.instrumented.folders.get(node, ())), 0o644),
            "/etc/harness/apiserver.crt": (certificate, 0o644),
            "/etc/harness/apiserver-expired.crt": (self.authority.expired(certificate), 0o644),
            "/etc/harness/apiserver.key": (key, 0o600),
            "/etc/harness/token": (self.token, 0o600),
        }

    def _fed(self, node: str) -> list[Fed]:
        return self.instrumented.fed.get(node, [])

    def _runs(self, node: str) -> list[str]:
        """Return the daemons of a node's roles."""
        idle = {name for name in FRONTS.values() if name != self._profile.front}
        has = self._facts.roles[node]
        runs = (*(LB_RUNS if Role.LB in has else ()), *(MASTER_RUNS if Role.MASTER in has else ()))
        return [name for name in runs if name not in idle]

    @property
    def endpoint(self) -> str:
        """Return where clients ask."""
        return f"https://{bracketed(self._facts.vip)}:{self._facts.port}"

    @property
    def kubeconfig(self) -> str:
        """Return what makes a client of the lab, whole in itself."""
        authority = base64.b64encode(self.authority.pem.encode()).decode()
        cluster = {"server": self.endpoint, "certificate-authority-data": authority}
        kubeconfig = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "lab", "cluster": cluster}],
            "users": [{"name": "probe", "user": {"token": self.token}}],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "probe"}}],
            "current-context": "lab",
        }
        return json.dumps(kubeconfig)

    def client(self, name: str = CLIENT) -> Files:
        """Return a client's files: the lab's own, or those of a seat, which asks nothing and observes its guest."""
        about = self._about(name, CLIENT_INTERFACE) | self._asking
        env = {"EXPIRES": self.marks[labels.EXPIRES]}
        idle = ("agent-seat",) if name == CLIENT else ("agent-arp", "agent-wire")
        return {
            **self._common(name, env, about),
            **{f"/etc/sv/{service}/down": ("", 0o644) for service in idle},
            "/etc/harness/kubeconfig": (self.kubeconfig, 0o600),
        }

    @property
    def _asking(self) -> dict[str, object]:
        """Return what a client has to know."""
        return {
            "endpoint": self.endpoint,
            "port": self._facts.port,
            "ca": "/etc/harness/ca.crt",
            "token": self.token,
        }

    def _about(self, name: str, interface: str) -> dict[str, object]:
        return {
            "node": name,
            "interface": interface,
            "vips": [str(self._facts.vip)],
            "vrids": sorted({group[0].vrid for group in self._profile.instances.values()}),
            "addresses": {n: str(a) for n, a in self._facts.nodes.items()},
        }

    def _common(self, name: str, env: dict[str, str], about: dict[str, object]) -> Files:
        known = {**self._facts.nodes, **self._facts.hosts}
        hosts = ["127.0.0.1 localhost", *(f"{a} {n}" for n, a in known.items())]
        return {
            "/etc/harness/node.env": ("".join(f"{k}='{v}'\n" for k, v in env.items()), 0o644),
            "/etc/harness/node.json": (json.dumps(about, indent=1), 0o644),
            "/etc/harness/ca.crt": (self.authority.pem, 0o644),
            "/etc/harness/hosts": ("\n".join([*hosts, ""]), 0o644),
            "/etc/harness/links": ("\n".join([*self._links(name, str(about["interface"])), ""]), 0o644),
        }

    def _links(self, name: str, interface: str) -> Iterator[str]:
        """Yield `LEASED NAME ADDRESS…` of the link that carries the VIP, then `- NAME ADDRESS…` of those beside it.

        A client has an address beside every IPv6 VIP; a node beside every VIP of another interface than the first.
        """
        own = self._facts.nodes.get(name) or self._facts.free((CLIENT, *SEATS).index(name))
        asks = name not in self._facts.nodes
        links = {interface: [f"{own}/{self._facts.subnet.prefixlen}"]}
        anyone = next(iter(self._profile.instances.values())) if asks else []
        for instance in self._profile.instances.get(name, anyone):
            link = interface if asks else instance.interface or INTERFACE
            for vip in (ip_address(a) for a in (*instance.addresses, *instance.excluded)):
                if vip.version == 6 and vip in self._facts.subnet:
                    links.setdefault(link, [])
                elif isinstance(vip, IPv6Address):
                    links.setdefault(link, []).append(f"{IPv6Interface(f'{vip}/64').network[int(own) & 0xFF]}/64")
                elif link != interface:
                    links.setdefault(link, []).append(f"{IPv4Address(int(vip) & ~0xFF | int(own) & 0xFF)}/24")
            if not asks:
                for tracked in instance.tracked.interfaces:
                    links.setdefault(tracked.name, [])
        for number, (link, addresses) in enumerate(links.items()):
            yield " ".join(["-" if number else self.leased[name], link, *dict.fromkeys(addresses)])


def _tracked(fed: Fed) -> dict[str, object]:
    """Return what a node's agent has to know of a process that keepalived tracks."""
    process = fed.process
    return {
        "words": process.command.split(),
        "whole_command": process.whole_command,
        "match": process.match,
        "least": process.least,
        "most": process.most,
        "lost_s": process.terminate_delay_s,
        "found_s": process.fork_delay_s if process.least > 1 else 0.0,
        "when_lost": fed.when_lost,
        "when_stands": fed.when_stands,
    }


def bracketed(address: Address) -> str:
    """Return an address as a URL has it."""
    return f"[{address}]" if address.version == 6 else str(address)
