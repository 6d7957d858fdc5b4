"""What the nodes say of themselves while a trial runs: for steering it, never for judging it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from harness import history
from harness.errors import HarnessError, HistoryError
from harness.events import AgentStart, Fact, HaproxyServer, Vip, VrrpState
from harness.history import Event
from harness.lab import etcd
from harness.lab.machine import Machine
from harness.lab.running import Running
from harness.profile.machines import Role

AGAIN_S = 0.2  # from a tail's end to the next


@dataclass(frozen=True)
class Missing:
    """What a steady state still lacks, and which daemon of which node could say why."""

    what: str
    node: str = ""
    daemon: str = ""


class Live:
    """The last known state of each node, fed by one tail a node; satisfies harness.contracts.Situation."""

    def __init__(self, roles: Mapping[str, Collection[Role]], checked: bool = True) -> None:
        """`checked` says whether the load balancers tell of the servers behind them."""
        self._roles, self._checked = roles, checked
        self._lock = threading.Lock()
        self._tails: list[threading.Thread] = []
        self._machines: dict[str, Machine] = {}
        self._seen: dict[str, int] = {}
        self._turns: dict[str, int] = {}  # how often each node was powered on
        self._vip: dict[str, set[str]] = {}
        self._vrrp: dict[str, str] = {}
        self._servers: dict[str, dict[str, tuple[str, str]]] = {}
        self._silent: set[str] = set()

    def follow(self, machine: Machine) -> None:
        """Start to listen to a node that has just been powered on."""
        self._machines[machine.name] = machine
        turn = self._turns[machine.name] = self._turns.get(machine.name, 0) + 1
        tail = threading.Thread(target=self._listen_on, args=(machine, turn), daemon=True)
        tail.start()
        self._tails.append(tail)

    def close(self) -> None:
        """Wait for the tails, which end with their containers."""
        self._turns.clear()
        for tail in self._tails:
            tail.join(timeout=5)

    def forget(self, node: str) -> None:
        """Drop what a node that is now off had said."""
        with self._lock:
            for state in (self._vip, self._vrrp, self._servers):
                state.pop(node, None)

    def silence(self, node: str, silent: bool = True) -> None:
        """Leave out a node that stands still, or take it in again with what it had said."""
        with self._lock:
            (self._silent.add if silent else self._silent.discard)(node)

    @property
    def vip_owner(self) -> str | None:
        """The one node that holds the VIP; None where none or several do."""
        holders = self.holders
        return holders[0] if len(holders) == 1 else None

    @property
    def holders(self) -> list[str]:
        """Return every node that holds the VIP."""
        with self._lock:
            return self._holders()

    @property
    def alive(self) -> list[str]:
        with self._lock:
            return sorted(self._vip.keys() - self._silent)

    @property
    def lbs(self) -> list[str]:
        return [node for node in self.alive if Role.LB in self._roles[node]]

    @property
    def masters(self) -> list[str]:
        return [node for node in self.alive if Role.MASTER in self._roles[node]]

    @property
    def etcd_leader(self) -> str | None:
        """Ask each member whether it leads; None where none says so."""
        asked = ((node, etcd.leads(self._machines[node])) for node in self.masters)
        return next((node for node, leads in asked if leads), None)

    def servers(self, node: str) -> dict[str, str]:
        """Return the status of each server behind a node's load balancer, as that told last."""
        with self._lock:
            return {name: status for name, (status, _) in self._servers.get(node, {}).items()}

    def unsteady(self) -> Missing | None:
        """Say what is still missing to a steady state; None when nothing is."""
        nodes = [node for node, roles in self._roles.items() if Role.LB in roles]
        with self._lock:
            owners = self._holders()
            states = {node: self._vrrp.get(node, "silent") for node in nodes}
            servers = {node: dict(self._servers.get(node, {})) for node in nodes}
        if len(owners) != 1:
            return _unowned(owners, states)
        for node, state in states.items():
            if state != ("MASTER" if node == owners[0] else "BACKUP"):
                return Missing(f"keepalived on {node} is {state}", node, "keepalived")
        for node, known in servers.items():
            if down := sorted(f"{name} ({why})" for name, (status, why) in known.items() if status == "DOWN"):
                return Missing(f"haproxy on {node} has {', '.join(down)} not UP", node, "haproxy")
            if self._checked and not known:
                return Missing(f"haproxy on {node} tells of no server", node, "haproxy")
        off = next((node for node in self._roles if node not in nodes and node not in self.alive), None)
        return Missing(f"{off} is not up") if off else None

    def _holders(self) -> list[str]:
        return sorted(node for node, addresses in self._vip.items() if addresses and node not in self._silent)

    def _listen_on(self, machine: Machine, turn: int) -> None:
        """Listen until the node is off, or on anew; a busy engine may break a tail off before that."""
        while self._turns.get(machine.name) == turn:
            self._listen(machine)
            with contextlib.suppress(HarnessError, OSError):  # one too busy to tell has not said that the node is off
                if not machine.running:
                    return
            time.sleep(AGAIN_S)

    def _listen(self, machine: Machine) -> None:
        path = "/var/lib/harness/events/node.jsonl"
        first = self._seen.get(machine.name, 0) + 1
        rest = b""
        # A node that dies takes its tail with it; what it had said by then counts.
        with contextlib.suppress(HarnessError, OSError, ValueError):
            tail = Running(machine.container, ["tail", "-n", f"+{first}", "-F", path])
            with contextlib.closing(tail):
                for chunk in tail.chunks():
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in lines:
                        with contextlib.suppress(HistoryError):  # a line that a crash has torn
                            self._take(next(history.decode([line], f"{machine.name}:{path}")))
                        self._seen[machine.name] = self._seen.get(machine.name, 0) + 1

    def _take(self, event: Event[Fact]) -> None:
        with self._lock:
            match told := event.data:
                case AgentStart():
                    self._vip[event.node] = set()
                case Vip():
                    held = self._vip.setdefault(event.node, set())
                    (held.add if told.present else held.discard)(told.address)
                case VrrpState():
                    self._vrrp[event.node] = told.state
                case HaproxyServer():
                    about = told.status, f"{told.check_status} {told.check_code}".strip()
                    self._servers.setdefault(event.node, {})[told.server] = about


def _unowned(owners: list[str], states: dict[str, str]) -> Missing:
    told = ", ".join(f"{state} on {node}" for node, state in states.items())
    who = f"{' and '.join(owners)} have the VIP at once" if owners else "no node has the VIP"
    stuck = next((node for node, state in states.items() if state not in ("MASTER", "BACKUP")), next(iter(states)))
    return Missing(f"{who}: keepalived is {told}", stuck, "keepalived")
