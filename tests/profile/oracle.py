"""What the daemons themselves say of a configuration: keepalived's own dump, haproxy's runtime socket."""

from __future__ import annotations

import csv
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness import assets
from harness.lab.machine import Machine

FILES = Path(__file__).parent / "files"
INTERFACES = ("eth0", "eth4", "bond0")
_STAMP = re.compile(r"^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}: ?")
# It runs until its dump is out; the dump's last part is the interfaces. It would take a second to take its leave:
# it is killed, and the next one finds the interfaces as new.
_RUN = """
for link in $(ip -o link show type macvlan | cut -d: -f2 | cut -d@ -f1); do ip link delete $link; done
number=0
for link in {interfaces}; do number=$((number + 1)); ip address flush dev $link scope global
ip address add 192.0.2.$number/32 dev $link; done
rm -f /tmp/said /run/*.pid; cd /
keepalived --dont-fork --log-console --dump-conf --vrrp --config-id {node} > /tmp/said 2>&1 &
for i in $(seq 100); do grep -q 'Startup complete' /tmp/said && grep -q -- '-< Interfaces >-' /tmp/said && break
kill -0 $! 2>/dev/null || break; sleep 0.05; done
sleep 0.1; pkill -9 keepalived; wait $!; cat /tmp/said
"""


@dataclass
class Item:
    """One thing in keepalived's dump: its kind and name, its fields, and its lists by their titles."""

    kind: str
    name: str
    fields: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)


def proxies() -> list[Path]:
    """Return every haproxy.cfg that the project has."""
    return sorted([*assets.PROFILES.glob("**/haproxy.cfg"), *FILES.glob("haproxy/*.cfg")])


def configurations() -> list[tuple[str, Path, str]]:
    """Return (name, folder that is /etc/keepalived, node) of all configurations that the project has."""
    shipped = [(path.parent, path.parent.name) for path in assets.PROFILES.glob("*/*/keepalived.conf")]
    ours = [(path.parent, node) for path in FILES.glob("keepalived/*/keepalived.conf") for node in ("m1", "m2")]
    return sorted((f"{folder.parent.name}/{folder.name}-{node}", folder, node) for folder, node in shipped + ours)


def on_node(folder: Path) -> dict[str, str]:
    """Return a folder's texts by the paths that they have below /etc/keepalived."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {f"/etc/keepalived/{path.relative_to(folder).as_posix()}": exact(path) for path in files}


def exact(path: Path) -> str:
    """Return a file's text with the line ends that it has."""
    with path.open(newline="") as file:
        return file.read()


def keepalived(machine: Machine, files: dict[str, str], programs: set[str], node: str) -> list[Item]:
    """Start keepalived on a node's files, with scripts that do nothing, and return its dump of what it understood."""
    machine.run("sh", "-c", "rm -rf /etc/keepalived/* /etc/keepalived/.[!.]*")
    machine.put({path: (text, 0o644) for path, text in files.items()})
    machine.put(dict.fromkeys(programs, ("#!/bin/sh\n", 0o755)))
    said = machine.run("sh", "-c", _RUN.format(node=node, interfaces=" ".join(INTERFACES)), check=False)
    assert "------< VRRP Topology >------" in said, said
    return list(_items(said))


def _items(said: str) -> Iterator[Item]:
    item, title = Item("", ""), ""
    for line in (_STAMP.sub("", line, count=1) for line in said.splitlines()):
        words = line.strip()
        depth = len(line) - len(line.lstrip(" "))
        key, _, value = words.partition(" = ")
        if depth == 1 and value:
            item, title = Item(key, value), ""
            yield item
        elif depth == 3 and words.endswith(":"):
            title = words.rstrip(" :")
            item.lists[title] = []
        elif depth == 3:
            item.fields[key] = value
        elif depth == 5 and title:
            item.lists[title].append(words)


# The file under test stays as it is; the socket comes from a second one.
_SOCKET = "global\n  stats socket {socket} level admin\n"
_START = """
haproxy -db -f /tmp/oracle.cfg -f /etc/haproxy/haproxy.cfg > /tmp/said 2>&1 &
for i in $(seq 100); do test -S {socket} && break; kill -0 $! || break; sleep 0.05; done
cat /tmp/said; test -S {socket} && echo running as $!
"""
_ASK = """
import socket, sys
with socket.socket(socket.AF_UNIX) as s:
    s.connect(sys.argv[1]); s.sendall(sys.argv[2].encode() + b"\\n")
    print(b"".join(iter(lambda: s.recv(65536), b"")).decode())
"""


class Haproxy:
    """haproxy at work on one file; everything it looks up in /etc/hosts is in `names`."""

    def __init__(self, machine: Machine, text: str, names: dict[str, str]) -> None:
        self.machine, self.socket = machine, f"/run/{secrets.token_hex(3)}.sock"
        hosts = "".join(f"{address} {name}\n" for name, address in names.items())
        machine.put(
            {"/etc/haproxy/haproxy.cfg": (text, 0o644), "/tmp/oracle.cfg": (_SOCKET.format(socket=self.socket), 0o644)}
        )
        machine.run("sh", "-c", f"printf '127.0.0.1 localhost\n{hosts}' > /etc/hosts")
        said = machine.run("sh", "-c", _START.format(socket=self.socket), check=False)
        running = re.search(r"^running as (\d+)$", said, re.MULTILINE)
        assert running, said
        self.pid = running[1]

    def stop(self) -> None:
        self.machine.run("kill", "-9", self.pid)

    def ask(self, command: str) -> list[dict[str, str]]:
        """Return the rows of a table by the names in its first line."""
        said = self.machine.ask("python3", "-c", _ASK, self.socket, command)
        lines = [line for line in said.splitlines() if line and not line.isdigit()]
        comma = "," if "," in lines[0] else " "
        return list(csv.DictReader([lines[0].removeprefix("# "), *lines[1:]], delimiter=comma))
