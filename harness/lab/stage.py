"""A lab's chain put into one state after another around a node, so that its scripts can be tried there."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator
from dataclasses import asdict

from harness.agent.deeds.answer import FORCED
from harness.agent.trying import Ended, Plan, Script
from harness.errors import LabError
from harness.lab.briefing import bracketed
from harness.lab.lab import Lab
from harness.profile.haproxy import Level, Server
from harness.profile.machines import Role
from harness.profile.tried import State
from harness.select import LB_RUNS, MASTER_RUNS

APISERVER, ETCD = "kube-apiserver", "etcd"
STARTS_S, LOOK_S = 60.0, 0.1
PATIENCE_S = 20.0  # for a load balancer's checks, whatever they say
BRIEFLY_S = 0.3
ASK_S = 1  # curl's own limit


class Stage:
    """The states that a node can be in, one after another; `gone` and `hung` are what is broken now, by node."""

    def __init__(self, lab: Lab, node: str) -> None:
        self.lab, self.node, self.profile = lab, node, lab.plain
        facts = self.profile.facts
        self.masters = facts.masters
        self.mates = [one for one in facts.lbs if one != node]
        self.front = self.profile.front if self.profile.balanced else ""
        self._gone: dict[str, set[str]] = {one: set() for one in facts.nodes}
        self._hung: dict[str, set[str]] = {one: set() for one in facts.nodes}

    def states(self) -> Iterator[State]:
        """Yield every state that the node can be in, once the chain is there."""
        self._ready()
        yield State.WELL
        if self.front:
            yield from self._proxies()
        if Role.MASTER in self.profile.facts.roles[self.node]:
            yield from self._own()
        yield from self._others()

    def place(self, owns: bool) -> bool:
        """Have the node hold the VIP, or another; say whether that can be."""
        if not owns and not self.mates:
            return False
        holder = self.node if owns else self.mates[0]
        for one in (self.node, *self.mates[:1]):
            interface, verb = self.profile.facts.interfaces[one], "add" if one == holder else "del"
            vips = self.profile.instances[one][0].addresses
            lines = "".join(f"address {verb} {vip} dev {interface}\n" for vip in vips)
            quiet = f"printf '{lines}' | ip -force -batch - 2>/dev/null; ip neigh flush dev {interface}"
            self.lab.nodes[one].run("sh", "-c", quiet, check=False)
        return True

    def run(self, scripts: list[Script]) -> list[list[Ended]]:
        """Try scripts on the node as things are; return the runs of each."""
        return self._told(self.node, scripts)

    def _told(self, node: str, scripts: list[Script]) -> list[list[Ended]]:
        plan = Plan(scripts, self._runs(node), sorted(self._gone[node]), sorted(self._hung[node]))
        said = self.lab.nodes[node].run("python3", "-m", "harness.agent.trying", json.dumps(asdict(plan)))
        try:
            lines = [json.loads(line) for line in said.splitlines() if line.startswith("[")]
            return [[Ended(**one) for one in lines[number]] for number in range(len(scripts))]
        except (ValueError, TypeError, IndexError) as error:
            raise LabError(f"{node}: a trial's answer is cut short: {said[-200:]}") from error

    def _runs(self, node: str) -> list[str]:
        roles = self.profile.facts.roles[node]
        lb = [name for name in LB_RUNS if name in ("keepalived", self.front)]
        return [*(lb if Role.LB in roles else ()), *(MASTER_RUNS if Role.MASTER in roles else ())]

    def _break(self, node: str, gone: Collection[str] = (), hung: Collection[str] = (), status: int = 0) -> None:
        """Have a node's daemons gone, hung, or its apiserver answer with a status; and all others run."""
        self._gone[node], self._hung[node] = set(gone), set(hung)
        self.lab.nodes[node].run("sh", "-c", f"echo {status} >{FORCED}" if status else f"rm -f {FORCED}")
        self._told(node, [])

    def _proxies(self) -> Iterator[State]:
        self._break(self.node, hung=[self.front])
        yield State.PROXY_HUNG
        self._break(self.node, gone=[self.front])
        yield State.PROXY_DEAD
        self._break(self.node)
        for mate in self.mates[:1]:
            self._break(mate, gone=[self.front])
            yield State.OTHER_PROXY_DEAD
            self._break(mate)
        self._settle()

    def _own(self) -> Iterator[State]:
        """Its apiserver, from what fewest checks see to what all do, so that it need come back only once."""
        for state, status in ((State.ERRORS, 500), (State.REFUSES, 401)):
            self._break(self.node, status=status)
            self._settle({self.node}, blind=(Level.TCP, Level.TLS))
            yield state
        self._break(self.node, hung=[APISERVER])
        self._settle({self.node}, blind=(Level.TCP,))
        yield State.HUNG
        self._break(self.node, gone=[APISERVER])
        self._settle({self.node})
        yield State.DEAD
        self._break(self.node)
        self._settle()

    def _others(self) -> Iterator[State]:
        others = [one for one in self.masters if one != self.node]
        if len(self.masters) > 1 and others:
            self._break(others[0], gone=[APISERVER])
            yield State.OTHER_DEAD
            self._settle({others[0]})
            yield State.OTHER_EVICTED
        for one in self.masters:
            self._break(one, gone=[APISERVER])
        self._settle(set(self.masters))
        yield State.ALL_DEAD
        for one in self.masters:
            self._break(one)
        self._ready()
        for one in others[: len(self.masters) // 2 + 1] if len(self.masters) > 1 else others:
            self._break(one, gone=[ETCD])
        if len(others) > len(self.masters) // 2:
            self._until_told()
            self._settle(set(self.masters), blind=(Level.TCP, Level.TLS))
            yield State.NO_QUORUM

    def _ready(self) -> None:
        """Wait until every apiserver is ready, and each proxy has them all."""
        self._until("200", "ready")
        self._settle()

    def _until_told(self) -> None:
        """Wait until every apiserver says at once that etcd is gone: who has it ask waits for that."""
        self._until("500", "unready")

    def _until(self, status: str, told: str) -> None:
        deadline = time.monotonic() + STARTS_S
        ask = ("curl", "-sk", "-m", str(ASK_S), "-o", "/dev/null", "-w", "%{http_code}")
        for one in self.masters:
            url = f"https://{bracketed(self.profile.facts.nodes[one])}:{self.profile.facts.apiserver_port}/readyz"
            while self.lab.client.run(*ask, url, check=False).strip() != status:
                if time.monotonic() > deadline:
                    raise LabError(f"the apiserver on {one} is not {told} within {STARTS_S:.0f} s")
                time.sleep(LOOK_S)

    def _settle(self, out: Collection[str] = (), blind: Collection[Level] = ()) -> None:
        """Wait until the proxies that run have evicted who is out, and nobody else, or for as long as that may take.

        A check of a `blind` level does not see what is wrong: nothing is waited for.
        """
        balancers = [n for n in self.profile.servers if self.front not in self._gone[n] | self._hung[n]]
        time.sleep(BRIEFLY_S)
        checked = [s for n in balancers for s in self.profile.servers[n] if s.checked and s.check_level not in blind]
        deadline = time.monotonic() + min(PATIENCE_S, max(map(_patience_s, checked), default=0.0))
        while time.monotonic() < deadline and not all(self._agrees(node, out) for node in balancers):
            time.sleep(LOOK_S)

    def _agrees(self, node: str, out: Collection[str]) -> bool:
        told, backends = self.lab.live.servers(node), self.profile.backends
        known = [s for s in self.profile.servers[node] if s.checked and s.name in backends]
        return all(s.name in told and ("DOWN" in told[s.name]) is (backends[s.name] in out) for s in known)


def _patience_s(server: Server) -> float:
    """Return how long a server's checks may take to change its state, with some to spare."""
    each_s = max(server.inter_s, server.downinter_s) + (server.timeout_check_s or server.inter_s)
    return max(server.fall, server.rise) * each_s + 1.0
