"""One machine: its processes, whether it is on, and what starts when."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import Protocol

from harness.chain.numbers import Node
from harness.chain.shares import PARTS
from harness.select import MASTER_RUNS
from harness.simulate.assumed import Range
from harness.simulate.healthcheck import Asked, Checking
from harness.simulate.surroundings import Surroundings
from harness.simulate.turns import Ring, ring
from harness.simulate.vrrp import Router, Segment


class Life(Enum):
    """What became of a process; one that STARTS exists and does not serve yet, one STOPPED by SIGSTOP no more."""

    STARTS = auto()
    RUNS = auto()
    STOPPED = auto()
    GONE = auto()


class Whole(Segment, Asked, Protocol):
    """The chain that a node is a part of."""

    apiserver_boot_s: float

    def refresh(self) -> None: ...


class Machine:
    """A machine under test; `on` means that it is powered and on the network, `up` whom its haproxy sends to in turns.

    One without a `node` is a master alone.
    """

    def __init__(self, around: Surroundings, world: Whole, place: int, name: str, node: Node | None) -> None:
        self.around, self.world, self.place, self.name = around, world, place, name
        self.master = node is None or node.master
        self.on, self._boots = True, 0
        self.errs = False  # whether its apiserver answers everything with an error
        self.router = Router(around, world, place, node) if node else None
        self.balancer = node.balancer if node else None
        there = {"etcd": self.master, "kube-apiserver": self.master, "haproxy": self.balancer, "keepalived": node}
        self._lives = {process: Life.RUNS for process, has in there.items() if has}
        servers = self.balancer.servers if self.balancer else ()
        checks = [
            Checking(around, world, place, number, server, server.check) if server.check else None
            for number, server in enumerate(servers)
        ]
        self.checked = [checking for checking in checks if checking]
        self._servers = list(zip(servers, checks, strict=True))
        self.up: Ring = ()
        self.count_up()

    def settle(self, owner: Node, owns: bool) -> None:
        """Be steady."""
        if self.router:
            self.router.settle(owner, owns)
        for checking in self.checked:
            checking.settle()

    def life(self, process: str) -> Life:
        return self._lives[process] if self.on else Life.GONE

    def runs(self, process: str) -> bool:
        """Say whether a process of that name exists; of others than the chain's own nothing is known: they do."""
        other = Life.GONE if process in MASTER_RUNS else Life.RUNS
        return self.on and self._lives.get(process, other) is not Life.GONE

    @property
    def sound(self) -> bool:
        """Say whether every daemon of it serves, keepalived apart."""
        return (
            self.on
            and not self.errs
            and all(life is Life.RUNS for process, life in self._lives.items() if process != "keepalived")
        )

    @property
    def processes(self) -> list[str]:
        return list(self._lives)

    @property
    def balances(self) -> bool:
        """Say whether it has a haproxy, and that one runs."""
        return self.balancer is not None and self.life("haproxy") is Life.RUNS

    @property
    def whole(self) -> bool:
        """Say whether it is on, and its haproxy, if it has one, runs and has every server UP."""
        return self.on and (self.balancer is None or (self.balances and all(c.up for c in self.checked)))

    def count_up(self) -> None:
        """Note which nodes the haproxy sends connections to, and how often: backups where nobody else is up."""
        up = [(s, s.weight * (c.parts if c else PARTS)) for s, c in self._servers if s.weight and (c is None or c.up)]
        active = [one for one in up if not one[0].backup]
        all_backups = self.balancer is not None and self.balancer.all_backups
        self.up = ring(tuple((s.node, weight) for s, weight in active or (up if all_backups else up[:1])))

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
        router = self.router
        if process == "keepalived" and router:
            {"KILL": router.die, "TERM": router.stop, "STOP": router.freeze, "CONT": router.thaw}[name]()
        elif process == "haproxy":
            for checking in self.checked:
                checking.thaw() if name == "CONT" else checking.stop()
        self._tell()
        self.world.refresh()

    def reload(self, process: str) -> None:
        """Have a haproxy read its files anew: connections go on, and its checks begin again."""
        if process == "haproxy":
            self._check_anew()

    def err(self, errs: bool) -> None:
        """Have the apiserver answer everything with an error, or as it should."""
        self.errs = errs
        self._tell()
        self.world.refresh()

    def start(self, process: str, takes_s: Range | None = None) -> None:
        """Start a daemon that is not there; it serves after its time."""
        if self.on and self._lives[process] is Life.GONE:
            self._lives[process] = Life.STARTS
            self._tell()
            takes_s = takes_s or self.around.assumed.start_s
            boots_s = self.world.apiserver_boot_s if process == "kube-apiserver" else 0.0
            self.around.later(boots_s + self.around.drawn(takes_s), self._started, process, self._boots)

    def _tell(self) -> None:
        """Have keepalived's scripts take note that a process has come or gone."""
        if self.router:
            self.router.notice()

    def _started(self, process: str, boot: int) -> None:
        if boot != self._boots or self._lives[process] is not Life.STARTS:
            return
        self._lives[process] = Life.RUNS
        if process == "haproxy":
            self._check_anew()
        elif process == "keepalived" and self.router:
            self.router.start()
        self.world.refresh()
        self.around.kernel.stirred = True

    def _check_anew(self) -> None:
        for number, checking in enumerate(self.checked):
            checking.start(number / len(self.checked))

    def cut_off(self) -> None:
        """Leave the network, for good: nobody hears of the node, and it loses its VIP as its link is down."""
        self.on = False
        self._boots += 1
        self._lives = dict.fromkeys(self._lives, Life.GONE)
        if self.router:
            self.router.die()
        if self.router and self.router.has_vip:
            self.router.has_vip = False
            self.world.vip_changed(self.router)
        for checking in self.checked:
            checking.stop()
        self.world.refresh()

    def freeze(self) -> None:
        """Stand still, unheard and unhearing; what the kernel has stays as it is."""
        if self.router:
            self.router.freeze()
        for checking in self.checked:
            checking.stop()
        self._boots += 1  # what is starting does not go on
        self._reach(False)

    def thaw(self) -> None:
        """Go on: what is overdue comes first."""
        self._reach(True)
        for process, life in self._lives.items():
            if life is Life.STARTS:
                self.around.later(self.around.drawn(self.around.assumed.start_s), self._started, process, self._boots)
        if self.balances:
            for checking in self.checked:
                checking.thaw()
        if self.router:
            self.router.thaw()

    def _reach(self, on: bool) -> None:
        """Be on the network, and others with it, or not."""
        self.on = on
        if self.router and self.router.has_vip:
            self.world.vip_changed(self.router)
        self.world.refresh()

    def power_on(self) -> None:
        """Boot: on the network at once, refusing, and every daemon after its time."""
        self.around.later(self.around.drawn(self.around.assumed.boot_s), self._booted, self._boots)

    def _booted(self, boot: int) -> None:
        if boot != self._boots or self.on:
            return
        self.on = True
        assumed = self.around.assumed
        for process in self._lives:
            self.start(process, assumed.keepalived_start_s if process == "keepalived" else assumed.boot_start_s)
        self.world.refresh()
