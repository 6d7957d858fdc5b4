"""What keepalived and haproxy themselves say of a profile's files, before anything is started."""

from __future__ import annotations

import re
import secrets

import docker

from harness.chain.ipvs import virtual_server
from harness.errors import LabError, ProfileError
from harness.lab import certificates
from harness.lab.machine import Machine
from harness.profile.files import HAPROXY, KEEPALIVED, NGINX
from harness.profile.folder import Profile

# With anything else it starts, without the setting that it names: so it does on a host, and so the chain has it.
_ENDS = re.compile(
    r"must be set|Unknown interface|at least one is required|both use VRID|not supported in strict|[Mm]issing '"
)
_KEEPALIVED_LINE = re.compile(r"^\((?P<path>[^:]+): Line (?P<line>\d+)\) (?P<said>.*)")
_NGINX_LINE = re.compile(r"nginx: \[(?P<grade>\w+)\] (?P<said>.*?)(?: in /\S+?:(?P<line>\d+))?$")
_HAPROXY_LINE = re.compile(r"\[(?P<path>/[^:\]]+):(?P<line>\d+)\]\s*:?\s*(?P<said>.*)")


def check(client: docker.DockerClient, profile: Profile, image: str, marks: dict[str, str]) -> list[str]:
    """Return the daemons' warnings; raise ProfileError with file and line of what they refuse.

    Raise LabError of what a lab cannot carry here.
    """
    container = client.containers.create(
        image,
        ["sleep", "60"],
        name=f"fh-preflight-{secrets.token_hex(3)}",
        network_mode="none",
        cap_add=["NET_ADMIN"],
        labels=marks,
    )
    authority = certificates.authority()
    issued = authority.issue("preflight", [])
    try:
        container.start()
        warnings: list[str] = []
        # The interface that the files speak of, so that its absence is no remark.
        interfaces = sorted({i.interface for group in profile.instances.values() for i in group if i.interface})
        for number, interface in enumerate(interfaces):
            Machine("", container, "").run(*f"ip link add {interface} type veth peer name peer{number}".split())
        if interfaces:
            _carried(Machine("", container, ""), profile, interfaces[0])
        for name, where in profile.facts.hosts.items():  # haproxy wants to know where its servers are
            Machine("", container, "").run("sh", "-c", f"echo {where} {name} >>/etc/hosts")
        for node in profile.files:
            machine = Machine(node, container, "lo")
            machine.put({file.path: (file.text, file.mode) for file in profile.files[node]})
            machine.put(authority.named(profile.files[node], *issued))
            warnings += _keepalived(machine, profile)
            if profile.has(node, HAPROXY):
                warnings += _haproxy(machine, profile)
            if profile.has(node, NGINX):
                warnings += _nginx(machine, profile)
        return _merged(warnings)
    finally:
        container.remove(force=True)


def _carried(machine: Machine, profile: Profile, interface: str) -> None:
    """Raise LabError where the kernel under the engine lacks what a profile needs."""
    vmac = next((i for group in profile.instances.values() for i in group if "use_vmac" in i.where), None)
    probe = f"ip link add link {interface} name probe type macvlan mode private"
    if vmac and (said := machine.ask("sh", "-c", f"{probe} && ip link del probe").strip()):
        told = f"a lab cannot carry use_vmac here, as the engine's kernel makes no macvlan ({said})"
        raise LabError(f"{vmac.at('use_vmac')}: {told}; load macvlan on its host, or take use_vmac out for a lab")
    at = virtual_server(profile)
    if at and machine.ask("sh", "-c", "test -e /proc/net/ip_vs || echo none").strip():
        told = (
            "a lab cannot carry virtual_server here, as the engine's kernel has no IPVS, without which keepalived ends"
        )
        raise LabError(f"{at}: {told}; load ip_vs on its host, or take virtual_server out for a lab")


def _merged(warnings: list[str]) -> list[str]:
    """Say a remark once, however many nodes' files earn it."""
    places: dict[str, list[str]] = {}
    for warning in dict.fromkeys(warnings):
        where, _, said = warning.partition(": ")
        places.setdefault(said, []).append(where)
    more = {said: f" (and in {len(wheres) - 1} more)" if len(wheres) > 1 else "" for said, wheres in places.items()}
    return [f"{wheres[0]}{more[said]}: {said}" for said, wheres in places.items()]


def _keepalived(machine: Machine, profile: Profile) -> list[str]:
    # Its exit code is the same for a remark and for a setting it did not understand.
    said = machine.ask("keepalived", "--config-test", "--use-file", KEEPALIVED)
    warnings = []
    for line in said.splitlines():
        located = _KEEPALIVED_LINE.match(line)
        text = located["said"] if located else line
        where = _source(profile, machine.name, KEEPALIVED) + (f":{located['line']}" if located else "")
        if _ENDS.search(text):
            raise ProfileError(f"{where}: keepalived says: {text}")
        warnings.append(f"{where}: {text}")
    return warnings


def _haproxy(machine: Machine, profile: Profile) -> list[str]:
    said = machine.ask("sh", "-c", f"haproxy -c -f {HAPROXY} && echo ACCEPTED")
    lines = [line for line in said.splitlines() if line.startswith(("[ALERT]", "[WARNING]"))]
    where = _source(profile, machine.name, HAPROXY)
    told = []
    for line in lines:
        located = _HAPROXY_LINE.search(line)
        remark = line.split(":", 1)[-1].strip()
        told.append(f"{where}:{located['line']}: {located['said']}" if located else f"{where}: {remark}")
        if line.startswith("[ALERT]") and "ACCEPTED" not in said:
            raise ProfileError(f"{told[-1]} (said haproxy)")
    return told


def _nginx(machine: Machine, profile: Profile) -> list[str]:
    said = machine.ask("sh", "-c", f"nginx -t -c {NGINX} && echo ACCEPTED")
    told = []
    for line in said.splitlines():
        if match := _NGINX_LINE.match(line):
            where = _source(profile, machine.name, NGINX) + (f":{match['line']}" if match["line"] else "")
            told.append(f"{where}: {match['said']}")
            if match["grade"] == "emerg" and "ACCEPTED" not in said:
                raise ProfileError(f"{told[-1]} (said nginx)")
    return told


def _source(profile: Profile, node: str, path: str) -> str:
    """Return where the operator has one of a node's files."""
    return next(file.source for file in profile.files[node] if file.path == path)
