"""One node: its processes, whether it is on, and what starts when."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING

from harness.model.chain import Node
from harness.model.simulation.assumed import Range
from harness.model.simulation.checking import Checking
from harness.model.simulation.vrrp import Router

if TYPE_CHECKING:
    from harness.model.simulation.world import World

PROCESSES = ("etcd", "kube-apiserver", "haproxy", "keepalived")


class Life(Enum):
    """What became of a process; one that STARTS exists and does not serve yet, one STOPPED by SIGSTOP no more."""

    STARTS = auto()
    RUNS = auto()
    STOPPED = auto()
    GONE = auto()


class Machine:
    """A node under test; `on` means that it is powered and on the network, `up` the nodes its haproxy sends to."""

    def __init__(self, world: World, place: int, node: Node) -> None:
        self.world, self.place, self.node = world, place, node
        self.on, self._boots = True, 0
        self._lives = {p: Life.RUNS for p in PROCESSES if p != "haproxy" or node.balancer is not None}
        self.router = Router(world, place, node)
        servers = node.balancer.servers if node.balancer else ()
        self.checked = [
            Checking(world, place, number, server.node, server.check)
            for number, server in enumerate(servers)
            if server.check is not None
        ]
        self._unchecked = tuple(server.node for server in servers if server.check is None)
        self.up: tuple[int, ...] = ()
        self.count_up()

    def settle(self, owner: Node, owns: bool) -> None:
        """Be steady."""
        self.router.settle(owner, owns)
        for checking in self.checked:
            checking.settle()

    def life(self, process: str) -> Life:
        return self._lives[process] if self.on else Life.GONE

    def runs(self, process: str) -> bool:
        """Say whether a process of that name exists; of others than the chain's own nothing is known: they do."""
        return self.on and self._lives.get(process, Life.RUNS) is not Life.GONE

    @property
    def processes(self) -> list[str]:
        return list(self._lives)

    @property
    def balances(self) -> bool:
        """Say whether it has a haproxy, and that one runs."""
        return self.node.balancer is not None and self.life("haproxy") is Life.RUNS

    @property
    def whole(self) -> bool:
        """Say whether it is on, and its haproxy, if it has one, runs and has every server UP."""
        return self.on and (self.node.balancer is None or (self.balances and all(c.up for c in self.checked)))

    def count_up(self) -> None:
        """Note which nodes the haproxy sends connections to."""
        self.up = (*self._unchecked, *(c.node for c in self.checked if c.up))

    def notice(self, changed: Sequence[int]) -> None:
        """Have the checks of nodes that answer otherwise take note, if a haproxy asks."""
        if self.balances:
            for checking in self.checked:
                if checking.node in changed:
                    checking.notice()

    # Deeds.

    def signal(self, process: str, name: str) -> None:
        """Send KILL, TERM, STOP or CONT to a process; one that is starting cannot be stopped yet."""
        was = self._lives[process]
        if was not in {"STOP": (Life.RUNS,), "CONT": (Life.STOPPED,)}.get(name, (Life.STARTS, Life.RUNS, Life.STOPPED)):
            return
        self._lives[process] = {"STOP": Life.STOPPED, "CONT": Life.RUNS}.get(name, Life.GONE)
        if process == "keepalived":
            {"KILL": self.router.die, "TERM": self.router.stop, "STOP": self.router.freeze, "CONT": self.router.thaw}[
                name
            ]()
        elif process == "haproxy":
            for checking in self.checked:
                checking.thaw() if name == "CONT" else checking.stop()
        self.router.notice()
        self.world.refresh()

    def start(self, process: str, takes_s: Range | None = None) -> None:
        """Start a daemon that is not there; it serves after its time."""
        if self.on and self._lives[process] is Life.GONE:
            self._lives[process] = Life.STARTS
            self.router.notice()
            takes_s = takes_s or self.world.assumed.start_s
            self.world.later(self.world.drawn(takes_s), self._started, process, self._boots)

    def _started(self, process: str, boot: int) -> None:
        if boot != self._boots or self._lives[process] is not Life.STARTS:
            return
        self._lives[process] = Life.RUNS
        if process == "haproxy":
            for number, checking in enumerate(self.checked):
                checking.start(number / len(self.checked))
        elif process == "keepalived":
            self.router.start()
        self.world.refresh()
        self.world.kernel.stirred = True

    def cut_off(self) -> None:
        """Leave the network, for good: nobody hears of the node, and it loses its VIP as its link is down."""
        self.on = False
        self._boots += 1
        self._lives = dict.fromkeys(self._lives, Life.GONE)
        self.router.die()
        if self.router.has_vip:
            self.router.has_vip = False
            self.world.vip_changed(self.router)
        for checking in self.checked:
            checking.stop()
        self.world.refresh()

    def power_on(self) -> None:
        """Boot: on the network at once, refusing, and every daemon after its time."""
        self.world.later(self.world.drawn(self.world.assumed.boot_s), self._booted, self._boots)

    def _booted(self, boot: int) -> None:
        if boot != self._boots or self.on:
            return
        self.on = True
        assumed = self.world.assumed
        for process in self._lives:
            self.start(process, assumed.keepalived_start_s if process == "keepalived" else assumed.boot_start_s)
        self.world.refresh()
