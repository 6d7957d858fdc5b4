"""What the nodes say of themselves while a trial runs: for steering it, never for judging it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable
from typing import Any

import msgspec

from harness.errors import LabError
from harness.history import Event
from harness.lab.machine import Machine
from harness.lab.stream import Stream


class Live:
    """The last known state of each node, fed by one tail a node; satisfies harness.contracts.Situation."""

    def __init__(self, checked: bool = True) -> None:
        """`checked` says whether the nodes' load balancers tell of the servers behind them."""
        self._checked = checked
        self._lock = threading.Lock()
        self._tails: list[threading.Thread] = []
        self._seen: dict[str, int] = {}
        self._vip: dict[str, set[str]] = {}
        self._vrrp: dict[str, str] = {}
        self._servers: dict[str, dict[str, str]] = {}

    def follow(self, machine: Machine) -> None:
        """Start to listen to a node that has just been powered on."""
        tail = threading.Thread(target=self._listen, args=(machine,), daemon=True)
        tail.start()
        self._tails.append(tail)

    def close(self) -> None:
        """Wait for the tails, which end with their containers."""
        for tail in self._tails:
            tail.join(timeout=5)

    def forget(self, node: str) -> None:
        """Drop what a node that is now off had said."""
        with self._lock:
            for state in (self._vip, self._vrrp, self._servers):
                state.pop(node, None)

    @property
    def vip_owner(self) -> str | None:
        """The one node that holds the VIP; None where none or several do."""
        with self._lock:
            holders = [node for node, addresses in self._vip.items() if addresses]
        return holders[0] if len(holders) == 1 else None

    @property
    def alive(self) -> list[str]:
        with self._lock:
            return sorted(self._vip)

    def unsteady(self, nodes: Iterable[str]) -> str | None:
        """Say what is still missing to a steady state of all `nodes`; None when nothing is."""
        nodes = list(nodes)
        if (owner := self.vip_owner) is None:
            return "the VIP has not exactly one owner"
        with self._lock:
            states = {node: self._vrrp.get(node, "unknown") for node in nodes}
            servers = {node: dict(self._servers.get(node, {})) for node in nodes}
        for node, state in states.items():
            if state != ("MASTER" if node == owner else "BACKUP"):
                return f"keepalived on {node} is {state}"
        for node, known in servers.items():
            down = sorted(name for name, status in known.items() if status != "UP")
            if down or (self._checked and not known):
                return f"haproxy on {node} has {', '.join(down) or 'no server'} not UP"
        return None

    def _listen(self, machine: Machine) -> None:
        path = "/var/lib/harness/events/node.jsonl"
        first = self._seen.get(machine.name, 0) + 1
        rest = b""
        # A node that dies takes its tail with it; what it had said by then counts.
        with contextlib.suppress(LabError, OSError, ValueError):
            tail = Stream(machine.container, ["tail", "-n", f"+{first}", "-F", path])
            with contextlib.closing(tail):
                for chunk in tail.chunks():
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in lines:
                        self._take(msgspec.json.decode(line, type=Event))
                        self._seen[machine.name] = self._seen.get(machine.name, 0) + 1

    def _take(self, event: Event) -> None:
        data: dict[str, Any] = event.data
        with self._lock:
            match event.kind:
                case "agent.start":
                    self._vip[event.node] = set()
                case "vip":
                    held = self._vip.setdefault(event.node, set())
                    (held.add if data["present"] else held.discard)(data["address"])
                case "vrrp.state":
                    self._vrrp[event.node] = data["state"]
                case "haproxy.server":
                    self._servers.setdefault(event.node, {})[data["server"]] = data["status"]
