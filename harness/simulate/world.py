"""The nodes together: who reaches whom, what each answers, and what clients meet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from math import inf
from random import Random

from harness.chain.numbers import Numbers, Track
from harness.simulate.assumed import Assumed
from harness.simulate.etcd import Etcd
from harness.simulate.healthcheck import Checking
from harness.simulate.node import Life, Machine
from harness.simulate.observed import Observed
from harness.simulate.record import Answer, Record, View
from harness.simulate.script import Ended
from harness.simulate.script_run import Probing
from harness.simulate.surroundings import Surroundings
from harness.simulate.vrrp import Router, State

SETTLED_WITHIN_S = 600.0


class World:
    """A chain that has been steady until `now`, every phase random; satisfies harness.contracts.Situation."""

    def __init__(self, chain: Numbers, assumed: Assumed, random: Random, now: float = 0.0) -> None:
        self.nodes, self.record = chain.nodes, Record()
        self.apiserver_boot_s = chain.apiserver_boot_s
        self.around = Surroundings(assumed, random, now)
        self.kernel = self.around.kernel
        known = enumerate(zip_longest(chain.names, chain.nodes))
        self.machines = [Machine(self.around, self, place, name, node) for place, (name, node) in known]
        self.routers = [machine.router for machine in self.machines if machine.router]
        self._members = [machine.place for machine in self.machines if machine.master]
        self._observed = Observed([c for m in self.machines for c in m.checked], chain.nodes, assumed)
        self._scripts = Probing(self.around, self)
        self.etcd = Etcd(self.around, len(self._members), self.refresh)
        self._told_at_s: dict[int, float] = {}  # when an apiserver's health tells that etcd is gone
        self.answers: list[Answer] = [Answer.SERVES if m.master else Answer.REFUSES for m in self.machines]
        self.reached: int | None = None
        self._advertised: dict[int, int] = {}
        self._paused: tuple[Router, float] | None = None  # whose adverts are not played, and when the last one was
        self._settle()

    def _settle(self) -> None:
        best = [node.rested for node in self.nodes]
        # Nothing decides between equals but who came first.
        owner = max(range(len(best)), key=lambda place: (best[place], self.around.random()))
        advertised_s = self.kernel.now - self.around.random() * self.nodes[owner].advert_int_s
        self._advertised[owner] = best[owner]
        self.reached = owner
        for machine in self.machines:
            machine.settle(self.nodes[owner], machine.place == owner)
        self._paused = (self.routers[owner], advertised_s)
        self.record.vips.append((0.0, owner, True))
        self.look()

    def start_together(self) -> None:
        """Have every keepalived start anew at once, and wait until the chain is steady: the record begins then."""
        for router in self.routers:
            router.die()
            router.has_vip = False
            self.around.later(self.around.drawn(self.around.assumed.keepalived_start_s), router.start)
        self.reached = None
        self.kernel.run(self.kernel.now + SETTLED_WITHIN_S, lambda: self.steady)
        self.record = Record(vips=[(0.0, owner, True) for owner in self.owners])
        self.look()

    # VRRP between the nodes.

    def advertise(self, sender: Router, priority: int) -> None:
        """Have every other node that is up hear an advert."""
        self.resume_adverts()
        if self._advertised.get(sender.place) != priority:
            self._advertised[sender.place] = priority
            self.record.signs.append((self.kernel.now, sender.place))
        if self.machines[sender.place].on:
            for router in self._others(sender) if sender.sends else ():
                if router.hears:
                    router.hear(priority, sender.node)

    def _others(self, router: Router) -> list[Router]:
        """Return the other nodes' routers that are on the network."""
        return [other for other in self._on_network if other is not router]

    @property
    def _on_network(self) -> list[Router]:
        return [router for router in self.routers if self.machines[router.place].on]

    def pause_adverts(self, owner: Router) -> bool:
        """Stop to play an owner's adverts if whoever hears them only starts its timer anew; say whether it is so."""
        parted = not all(router.sends and router.hears for router in self.routers)
        if parted or not all(router.content(owner.effective) for router in self._others(owner)):
            return False
        self._paused = (owner, self.kernel.now)
        for router in self._on_network:
            router.rest()
        return True

    def resume_adverts(self) -> None:
        """Play adverts again, from the last that there must have been: something is about to change."""
        if self._paused is not None:
            (owner, first_s), self._paused = self._paused, None
            period_s = owner.node.advert_int_s
            last_s = first_s + (self.kernel.now - first_s) // period_s * period_s
            for router in self._on_network:
                router.resume(last_s)

    def tried(self, place: int, track: Track) -> Ended:
        """Return what a script finds on a node, and how long it takes."""
        return self._scripts.run(place, track)

    def stopped(self, place: int) -> None:
        """Have a node's keepalived stopped as by its supervisor."""
        self.machines[place].signal("keepalived", "TERM")

    def turned(self, router: Router, state: State) -> None:
        """Write down a new VRRP state."""
        self.record.signs.append((self.kernel.now, router.place))
        if state is State.MASTER:
            self.record.masters.append((self.kernel.now, router.place))
        self.kernel.stirred = True

    def announce(self, router: Router) -> None:
        """Have the clients learn whose the VIP is, a gratuitous ARP later."""
        self.around.later(self.around.drawn(self.around.assumed.announce_s), self._announced, router)

    def _announced(self, router: Router) -> None:
        if self.holds(router.place):
            self.reached = router.place
            self.look()

    def vip_changed(self, router: Router) -> None:
        """Write down that a node got or gave up the VIP, where anybody can see that."""
        place, holds = router.place, self.holds(router.place)
        if holds is next((has for _, node, has in reversed(self.record.vips) if node == place), False):
            return
        self.record.vips.append((self.kernel.now, place, holds))
        # Who gives it up announces nothing, nor does a node that comes back with it.
        if self.owners and self.reached is not None and not self.holds(self.reached) and (not holds or router.frozen):
            node = self.nodes[self.owners[0]]
            learnt_s = (0.0, node.advert_int_s) if node.moves_mac else self.around.assumed.asks_anew_s
            self.around.later(self.around.drawn(learnt_s), self._asked_anew, self.reached)
        self.kernel.stirred = True
        self.look()

    def _asked_anew(self, place: int) -> None:
        """Have the clients find out who has the VIP, if they still look for it where it was."""
        if self.reached == place and not self.holds(place) and self.owners:
            self.reached = self.around.chance.choice(self.owners)
            self.look()

    # What answers.

    def server_changed(self, checking: Checking, checked: bool) -> None:
        """Write down that a haproxy took a server out or put it back, by a check or by its own restart."""
        self.machines[checking.haproxy].count_up()
        self.record.servers.append((self.kernel.now, checking.haproxy, checking.server, checking.up, checked))
        self.kernel.stirred = True
        self.look()

    def weight_changed(self, haproxy: int) -> None:
        """Have a haproxy send more to a server that is warming up."""
        self.machines[haproxy].count_up()
        self.look()

    def refresh(self) -> None:
        """Find out what every apiserver answers now, and have the checks that meet another answer take note."""
        members = enumerate(self._members)
        self.etcd.notice(frozenset(n for n, place in members if self.machines[place].life("etcd") is Life.RUNS))
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
        life = machine.life("kube-apiserver") if machine.master else Life.GONE
        if life is not Life.RUNS:
            return Answer.HANGS if life is Life.STOPPED else Answer.REFUSES
        if machine.errs:
            return Answer.FAILS
        if machine.life("etcd") in (Life.GONE, Life.STARTS):
            return self._without_etcd(machine.place, Answer.ERRS, Answer.ERRS_UNTOLD)
        if self.etcd.leader is None or machine.life("etcd") is not Life.RUNS:
            return self._without_etcd(machine.place, Answer.WAITS, Answer.WAITS_UNTOLD)
        return Answer.SERVES

    def _without_etcd(self, place: int, told: Answer, untold: Answer) -> Answer:
        """Return which of two answers it is; one that was ready learns late."""
        now = self.kernel.now
        if self.answers[place] is Answer.SERVES:
            late_s = self.around.drawn(self.around.assumed.unready_s)
            self._told_at_s[place] = now + late_s
            self.around.later(late_s, self.refresh)
        elif not self.answers[place].leaderless:
            self._told_at_s[place] = now  # an apiserver that has just begun is not ready before etcd has answered
        return told if now >= self._told_at_s[place] else untold

    def led_in_s(self, place: int) -> float:
        """Return after how long a node's apiserver will have etcd again, as things stand."""
        alone = self.machines[place].life("etcd") is not Life.RUNS
        return inf if alone else max(0.0, self.etcd.led_at_s - self.kernel.now)

    def front(self, place: int) -> Answer:
        """Return how a node's port answers on which clients meet the chain."""
        machine = self.machines[place]
        if not machine.on:
            return Answer.DROPS
        if machine.balancer is None:
            return self.answers[place]
        life = machine.life("haproxy")
        if life is Life.STOPPED:
            return Answer.HANGS
        return Answer.SERVES if life is Life.RUNS else Answer.REFUSES

    def look(self) -> None:
        """Write down the chain as a client meets it, where it has changed."""
        place = self.reached
        if place is None or not self.holds(place) or not self.nodes[place].accepts:
            view = View(None, Answer.DROPS, (), tuple(self.answers))
        else:
            view = View(place, self.front(place), self.machines[place].up, tuple(self.answers))
        views = self.record.views
        if not views or views[-1][1] != view:
            views.append((self.kernel.now, view))
            self._observed.count(view)

    # harness.contracts.Situation

    def holds(self, place: int) -> bool:
        """Say whether a node answers for the VIP."""
        router = self.machines[place].router
        return router is not None and router.has_vip and self.machines[place].on

    @property
    def owners(self) -> list[int]:
        return [router.place for router in self.routers if self.holds(router.place)]

    @property
    def vip_owner(self) -> str | None:
        """The one node that holds the VIP; None where none or several do."""
        owners = self.owners
        return self.nodes[owners[0]].name if len(owners) == 1 else None

    @property
    def alive(self) -> Sequence[str]:
        return sorted(m.name for m in self.machines if m.on)

    @property
    def lbs(self) -> Sequence[str]:
        return sorted(m.name for m in self.machines if m.on and m.router)

    @property
    def masters(self) -> Sequence[str]:
        return sorted(m.name for m in self.machines if m.on and m.master)

    @property
    def etcd_leader(self) -> str | None:
        leader = self.etcd.leader
        return None if leader is None else self.machines[self._members[leader]].name

    @property
    def steady(self) -> bool:
        """Say whether the chain is whole, its one owner one that nobody will take over from."""
        owners = self.owners
        if len(owners) != 1:
            return False
        best = self.routers[owners[0]].effective
        if any(router.effective > best and router.node.preempts for router in self.routers):
            return False
        states = [router.state for router in self.routers]
        wanted = [State.MASTER if router.place == owners[0] else State.BACKUP for router in self.routers]
        return states == wanted and all(m.whole for m in self.machines)
