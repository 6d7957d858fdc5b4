"""Published set-ups by their settings, and the files that these amount to."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness.profile.folder import Profile, load

VIP = "10.20.0.100"
ADDRESSES = {f"m{n}": f"10.20.0.1{n}" for n in (1, 2, 3)}
SCRIPT = "/etc/keepalived/check.sh"
DEFAULTS = ("option redispatch", "retries 3", "timeout connect 10s", "timeout client 1m", "timeout server 1m")


@dataclass(frozen=True)
class Setup:
    """One of them: `found` says where; `priorities` and `states` have one of each node, `extra` more of an instance.

    `check` is a command, or a script's text where it begins with #!; "" where nothing is tracked. `words` are its
    settings. `port` is haproxy's, 0 where there is none; `server` is what is said of each server.
    """

    name: str
    found: str
    priorities: tuple[int, ...]
    states: tuple[str, ...]
    check: str = ""
    words: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    globals: tuple[str, ...] = ("router_id LVS_DEVEL",)
    advert_int: float = 1
    port: int = 8443
    bind: str = "*"
    defaults: tuple[str, ...] = DEFAULTS
    backend: tuple[str, ...] = ()
    server: str = "check"
    sysctl: str = ""


def setups() -> list[Setup]:
    """Return all of them."""
    found = tomllib.loads(Path(__file__).with_name("setups.toml").read_text())["setup"]
    return msgspec.convert(found, list[Setup])


def written(setup: Setup, folder: Path) -> Profile:
    """Write a set-up's files as an operator's profile, and return that."""
    for place, text in rendered(setup).items():
        file = folder / setup.name / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755 if place.endswith(".sh") else 0o644)
    return load(folder / setup.name)


def rendered(setup: Setup) -> dict[str, str]:
    """Return a set-up's files by their places in a profile's folder."""
    nodes = dict(zip(ADDRESSES, setup.priorities, strict=False))
    masters = ADDRESSES if len(nodes) == len(ADDRESSES) else {f"k{n}": f"10.20.0.2{n}" for n in (1, 2, 3)}
    files = {f"{node}/keepalived.conf": _keepalived(setup, place, node) for place, node in enumerate(nodes)}
    if setup.port:
        files["haproxy.cfg"] = _haproxy(setup, masters)
    if setup.check.startswith("#!"):
        files[SCRIPT.lstrip("/")] = setup.check
    if setup.sysctl:
        files["etc/sysctl.d/90-vip.conf"] = f"{setup.sysctl}\n"
    named = {node: ADDRESSES[node] for node in nodes} | masters
    files["profile.toml"] = "[nodes]\n" + "".join(f'{node} = "{address}"\n' for node, address in named.items())
    return files


def _keepalived(setup: Setup, place: int, node: str) -> str:
    lines = ["global_defs {", *(f"    {line}" for line in setup.globals), "}"]
    if setup.check:
        command = SCRIPT if setup.check.startswith("#!") else setup.check
        lines += ["vrrp_script check {", f'    script "{command}"', *(f"    {word}" for word in setup.words), "}"]
    lines += ["vrrp_instance VI_1 {", f"    state {setup.states[place]}", "    interface eth0"]
    lines += ["    virtual_router_id 60", f"    priority {setup.priorities[place]}"]
    lines += [f"    advert_int {setup.advert_int:g}", *_extra(setup, node)]
    lines += ["    authentication {", "        auth_type PASS", "        auth_pass drawn", "    }"]
    lines += ["    virtual_ipaddress {", f"        {VIP}", "    }"]
    lines += ["    track_script {", "        check", "    }"] if setup.check else []
    return "\n".join([*lines, "}", ""])


def _extra(setup: Setup, node: str) -> list[str]:
    """Return what else a node's instance says; "m1: words" are one node's, "unicast" stands for all peers."""
    lines = []
    for line in setup.extra:
        owner, _, words = line.rpartition(": ")
        if words == "unicast":
            peers = [address for name, address in list(ADDRESSES.items())[: len(setup.priorities)] if name != node]
            lines += [f"    unicast_src_ip {ADDRESSES[node]}", "    unicast_peer {"]
            lines += [*(f"        {peer}" for peer in peers), "    }"]
        elif owner in ("", node):
            lines.append(f"    {words}")
    return lines


def _haproxy(setup: Setup, masters: dict[str, str]) -> str:
    servers = [f"    server {name} {address}:6443 {setup.server}" for name, address in masters.items()]
    defaults = ["global", "    maxconn 4000", "defaults", "    mode tcp", *(f"    {line}" for line in setup.defaults)]
    front = ["frontend apiserver", f"    bind {setup.bind}:{setup.port}", "    default_backend apiservers"]
    backend = ["backend apiservers", *(f"    {line}" for line in setup.backend), *servers]
    return "\n".join([*defaults, *front, *backend, ""])
