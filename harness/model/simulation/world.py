"""The nodes together: who reaches whom, what each answers, and what clients meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log
from random import Random

from harness.model.chain import Chain
from harness.model.simulation.assumed import Assumed, Range
from harness.model.simulation.checking import Checking
from harness.model.simulation.etcd import Etcd
from harness.model.simulation.kernel import Kernel
from harness.model.simulation.machine import Life, Machine
from harness.model.simulation.probing import Probing
from harness.model.simulation.record import Answer, Record, View
from harness.model.simulation.vrrp import Router, State

SETTLED_WITHIN_S = 600.0


class World:
    """A chain that has been steady until `now`, every phase random; satisfies harness.contracts.Situation."""

    def __init__(self, chain: Chain, assumed: Assumed, random: Random, now: float = 0.0) -> None:
        self.nodes, self.assumed = chain.nodes, assumed
        self.random: Callable[[], float] = random.random
        self.kernel, self.record = Kernel(now), Record()
        self.later = self.kernel.after
        self.probing = Probing(self)
        self.machines = [Machine(self, place, node) for place, node in enumerate(chain.nodes)]
        self.etcd = Etcd(self)
        self.answers: list[Answer] = [Answer.SERVES] * len(chain.nodes)
        self.reached: int | None = None
        self._advertised: dict[int, int] = {}
        self._hushed: tuple[Router, float] | None = None  # whose adverts are not played, and when the last one was
        self._settle()

    def _settle(self) -> None:
        best = [node.best for node in self.nodes]
        # Nothing decides between equals but who came first.
        owner = max(range(len(best)), key=lambda place: (best[place], self.random()))
        advertised_s = self.kernel.now - self.random() * self.nodes[owner].advert_int_s
        self._advertised[owner] = best[owner]
        self.reached = owner
        for machine in self.machines:
            machine.settle(self.nodes[owner], machine.place == owner)
        self._hushed = (self.machines[owner].router, advertised_s)
        self.record.vips.append((0.0, owner, True))
        self.look()

    def start_together(self) -> None:
        """Have every keepalived start anew at once, and wait until the chain is steady: the record begins then."""
        for machine in self.machines:
            machine.router.die()
            machine.router.has_vip = False
            self.later(self.drawn(self.assumed.keepalived_start_s), machine.router.start)
        self.reached = None
        self.kernel.run(self.kernel.now + SETTLED_WITHIN_S, lambda: self.steady)
        self.record = Record(vips=[(0.0, owner, True) for owner in self.owners])
        self.look()

    # Time and chance.

    def drawn(self, between: Range) -> float:
        """Return a time from a range, each as likely."""
        return between[0] + (between[1] - between[0]) * self.random()

    def late(self) -> float:
        """Return how late a timer fires."""
        return -self.assumed.late_s_mean * log(1.0 - self.random())

    # VRRP between the nodes.

    def advertise(self, sender: Router, priority: int) -> None:
        """Have every other node that is up hear an advert."""
        self.rouse()
        if self._advertised.get(sender.place) != priority:
            self._advertised[sender.place] = priority
            self.record.signs.append((self.kernel.now, sender.place))
        if self.machines[sender.place].on:
            for machine in self.machines:
                if machine.on and machine.router is not sender:
                    machine.router.hear(priority, sender.node)

    def hush(self, owner: Router) -> bool:
        """Stop to play an owner's adverts if whoever hears them only starts its timer anew; say whether it is so."""
        for machine in self.machines:
            if machine.on and machine.router is not owner and not machine.router.content(owner.effective):
                return False
        self._hushed = (owner, self.kernel.now)
        for machine in self.machines:
            machine.router.rest()
        return True

    def rouse(self) -> None:
        """Play adverts again, from the last that there must have been: something is about to change."""
        if self._hushed is not None:
            (owner, first_s), self._hushed = self._hushed, None
            period_s = owner.node.advert_int_s
            last_s = first_s + (self.kernel.now - first_s) // period_s * period_s
            for machine in self.machines:
                machine.router.resume(last_s)

    def turned(self, router: Router, state: State) -> None:
        """Write down a new VRRP state."""
        self.record.signs.append((self.kernel.now, router.place))
        if state is State.MASTER:
            self.record.masters.append((self.kernel.now, router.place))
        self.kernel.stirred = True

    def announce(self, router: Router) -> None:
        """Have the clients learn whose the VIP is, a gratuitous ARP later."""
        self.later(self.drawn(self.assumed.announce_s), self._announced, router)

    def _announced(self, router: Router) -> None:
        if router.has_vip and self.machines[router.place].on:
            self.reached = router.place
            self.look()

    def vip_changed(self, router: Router) -> None:
        """Write down that a node got or gave up the VIP."""
        self.record.vips.append((self.kernel.now, router.place, router.has_vip))
        self.kernel.stirred = True
        self.look()

    # What answers.

    def server_changed(self, checking: Checking, checked: bool) -> None:
        """Write down that a haproxy took a server out or put it back, by a check or by its own restart."""
        self.machines[checking.haproxy].count_up()
        self.record.servers.append((self.kernel.now, checking.haproxy, checking.server, checking.up, checked))
        self.kernel.stirred = True
        self.look()

    def refresh(self) -> None:
        """Find out what every apiserver answers now, and have the checks that meet another answer take note."""
        self.etcd.notice(frozenset(m.place for m in self.machines if m.life("etcd") is Life.RUNS))
        changed = []
        for machine in self.machines:
            answer = self._answer(machine)
            if answer is not self.answers[machine.place]:
                self.answers[machine.place] = answer
                changed.append(machine.place)
        if changed:
            for machine in self.machines:
                machine.notice(changed)
        self.look()

    def _answer(self, machine: Machine) -> Answer:
        if not machine.on:
            return Answer.DROPS
        life = machine.life("kube-apiserver")
        if life is not Life.RUNS:
            return Answer.HANGS if life is Life.STOPPED else Answer.REFUSES
        if machine.life("etcd") in (Life.GONE, Life.STARTS):
            return Answer.ERRS
        leads = self.etcd.leader is not None and machine.life("etcd") is Life.RUNS
        return Answer.SERVES if leads else Answer.WAITS

    def front(self, place: int) -> Answer:
        """Return how a node's port answers on which clients meet the chain."""
        machine = self.machines[place]
        if not machine.on:
            return Answer.DROPS
        if machine.node.balancer is None:
            return self.answers[place]
        life = machine.life("haproxy")
        if life is Life.STOPPED:
            return Answer.HANGS
        return Answer.SERVES if life is Life.RUNS else Answer.REFUSES

    def look(self) -> None:
        """Write down the chain as a client meets it, where it has changed."""
        place = self.reached
        if place is None or not self.machines[place].on or not self.machines[place].router.has_vip:
            view = View(None, Answer.DROPS, (), tuple(self.answers))
        else:
            view = View(place, self.front(place), self.machines[place].up, tuple(self.answers))
        views = self.record.views
        if not views or views[-1][1] != view:
            views.append((self.kernel.now, view))

    # harness.contracts.Situation

    @property
    def owners(self) -> list[int]:
        return [m.place for m in self.machines if m.router.has_vip]

    @property
    def vip_owner(self) -> str | None:
        """The one node that holds the VIP; None where none or several do."""
        owners = self.owners
        return self.nodes[owners[0]].name if len(owners) == 1 else None

    @property
    def alive(self) -> Sequence[str]:
        return sorted(m.node.name for m in self.machines if m.on)

    @property
    def steady(self) -> bool:
        """Say whether the chain is whole, its one owner one that nobody will take over from."""
        owners = self.owners
        if len(owners) != 1:
            return False
        best = self.machines[owners[0]].router.effective
        if any(m.router.effective > best and m.node.preempts for m in self.machines):
            return False
        states = [m.router.state for m in self.machines]
        wanted = [State.MASTER if m.place == owners[0] else State.BACKUP for m in self.machines]
        return states == wanted and all(m.whole for m in self.machines)
