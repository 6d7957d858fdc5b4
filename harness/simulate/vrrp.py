"""One node's keepalived: its VRRP state, its timers, and what its scripts make of its priority."""

from __future__ import annotations

from enum import Enum, auto
from typing import Protocol

from harness.chain.numbers import Node, Track
from harness.simulate.hearing import Hearing
from harness.simulate.script import Ended, Tracking
from harness.simulate.surroundings import Surroundings


class State(Enum):
    """OFF is a keepalived that does not run."""

    OFF = auto()
    FAULT = auto()
    BACKUP = auto()
    MASTER = auto()


class Segment(Protocol):
    """What a router is on: the network and the clients there, and its own node's scripts."""

    def advertise(self, sender: Router, priority: int) -> None: ...
    def pause_adverts(self, owner: Router) -> bool: ...
    def resume_adverts(self) -> None: ...
    def turned(self, router: Router, state: State) -> None: ...
    def announce(self, router: Router) -> None: ...
    def vip_changed(self, router: Router) -> None: ...
    def tried(self, place: int, track: Track) -> Ended: ...
    def stopped(self, place: int) -> None: ...


class Router:
    """A vrrp_instance as keepalived 2.2.7 runs it (vrrp.c, vrrp_scheduler.c); `place` is its node's place.

    A deed of an earlier `turn` (state) is void. `has_vip` is the kernel's: it outlives a keepalived that was killed.
    `sends` and `hears` say whether adverts pass between its node and the others.
    """

    def __init__(self, around: Surroundings, world: Segment, place: int, node: Node) -> None:
        self.around, self.world, self.place, self.node = around, world, place, node
        self.state, self.turn = State.OFF, 0
        self.has_vip = self.frozen = False
        self.sends = self.hears = True
        self.tracked = [(Hearing if track.hears else Tracking)(around, self, track) for track in node.tracks]
        self.effective, self._down_s = node.priority, 0.0
        self._wait_until_s, self._woken_at_s = 0.0, float("inf")
        self._assigned_s = float("-inf")  # when the address comes, or came, that goes with being MASTER
        self._advert_int_s = node.advert_int_s  # version 3 learns the owner's
        self._preempts_at_s: float | None = None
        self._frozen_s = 0.0
        self._begins_s = 0.0  # before that no wait runs: vrrp_startup_delay
        self._unheard: list[tuple[int, Node]] = []  # what came while it was stopped

    # Life of the daemon.

    def settle(self, owner: Node, owns: bool) -> None:
        """Be steady: the owner's adverts are all that is heard."""
        for tracking in self.tracked:
            tracking.settle()
        if self.node.version == 3:
            self._advert_int_s = owner.advert_int_s
        self._weigh(self.node.rested)
        self.state, self.has_vip = (State.MASTER, True) if owns else (State.BACKUP, False)
        if self._failed():
            self.state = State.FAULT

    def start(self) -> None:
        """Start as a daemon does: as BACKUP, whatever `state` says; with a weight of 0 only when its script passes."""
        self.world.resume_adverts()
        self.frozen, self._unheard = False, []
        self._begins_s = self.around.kernel.now + self.node.startup_delay_s
        for tracking in self.tracked:
            tracking.start()
        self._weigh(self.node.effective(tuple(t.ok for t in self.tracked)))
        self._preempts_at_s = None
        if self._failed():
            self._turn_to(State.FAULT)
        else:
            self._back_up()

    def stop(self) -> None:
        """End as on SIGTERM: an owner says so with priority 0, and gives its address back."""
        if self.state is State.MASTER:
            self.world.advertise(self, 0)
        self.die()
        self._withdraw_now()

    def die(self) -> None:
        """End without a word; the address stays."""
        self.world.resume_adverts()
        self.turn += 1
        self.state, self._assigned_s = State.OFF, float("-inf")
        for tracking in self.tracked:
            tracking.stop()

    def freeze(self) -> None:
        self.world.resume_adverts()
        self.frozen, self._frozen_s = True, self.around.kernel.now

    def thaw(self) -> None:
        """Go on after SIGCONT: what is overdue comes first, then what its socket has kept."""
        self.frozen = False
        for tracking in self.tracked:
            tracking.thaw()
        if self.state is State.MASTER:
            self.turn += 1
            self._advertise_again(self.turn)
            if self.node.garp_refresh_s:
                wait_s = self.around.random() * self.node.garp_refresh_s - (self.around.kernel.now - self._frozen_s)
                self.around.later(max(0.0, wait_s), self._announce_again, self.turn)
        elif self.state is State.BACKUP:
            self._woken_at_s = float("inf")
            self._expire()
        unheard, self._unheard = self._unheard, []
        for priority, sender in unheard:
            self.hear(priority, sender)

    # What it hears.

    def part(self, sends: bool, hears: bool) -> None:
        """Have its adverts pass to the others, and theirs to it, or not."""
        self.world.resume_adverts()
        self.sends, self.hears = sends, hears

    def hear(self, priority: int, sender: Node) -> None:
        """Take another's advert, as vrrp_state_backup and vrrp_state_master_rx do."""
        if self.frozen:
            self._unheard.append((priority, sender))
            return
        if self.state is State.BACKUP:
            if self.node.version == 3 and self._advert_int_s != sender.advert_int_s:
                self._advert_int_s = sender.advert_int_s
                self._weigh(self.effective)
            if priority == 0:
                self._wait(self.node.skew_s(self.effective, self._advert_int_s))
            elif priority >= self.effective:
                self._preempts_at_s = None
                self._wait(self._down_s)
            elif not self.node.preempts or self._holds_back():
                self._wait(self._down_s)
            # A lower priority is otherwise not listened to: the timer runs on.
        elif self.state is State.MASTER:
            if (priority, sender.address) > (self.effective, self.node.address):
                self._back_up()
            else:
                self._announce_twice()
                self.world.advertise(self, self.effective)

    def _holds_back(self) -> bool:
        """Say whether preempt_delay still runs; it starts with the first lower advert."""
        if not self.node.preempt_delay_s:
            return False
        now = self.around.kernel.now
        if self._preempts_at_s is None:
            self._preempts_at_s = now + self.node.preempt_delay_s
        return now < self._preempts_at_s

    # What its scripts say.

    def tried(self, track: Track) -> Ended:
        """Return what a watch finds on this node, and how long that takes."""
        return self.world.tried(self.place, track)

    def stopped(self) -> None:
        """Be stopped by a script of its own."""
        self.world.stopped(self.place)

    def notice(self) -> None:
        """Take note that a process of the node has come or gone."""
        for tracking in self.tracked:
            tracking.notice()

    def reweigh(self) -> None:
        """Take a script's new verdict into account."""
        if self.state is State.OFF:
            return
        self.world.resume_adverts()
        self._weigh(self.node.effective(tuple(t.ok for t in self.tracked)))
        if self._failed():
            if self.state is not State.FAULT:
                if self.state is State.MASTER:
                    self.world.advertise(self, 0)
                self._turn_to(State.FAULT)
        elif self.state is State.FAULT:
            self._back_up()

    def _weigh(self, effective: int) -> None:
        self.effective = effective
        self._down_s = self.node.down_s(self.effective, self._advert_int_s)

    def _failed(self) -> bool:
        return any(t.track.faulty(t.ok) for t in self.tracked)

    # Its states and timers.

    def _turn_to(self, state: State) -> None:
        self.world.resume_adverts()
        self.turn += 1
        was, self.state = self.state, state
        if was is State.MASTER or self.has_vip:
            # It does one thing after another: an address that it is adding is there before it is taken away.
            since_s = max(self._assigned_s, self.around.kernel.now)
            self.around.kernel.at(
                since_s + self.around.drawn(self.around.assumed.withdraw_s), self._withdraw, self.turn
            )
        self.world.turned(self, state)

    def _back_up(self) -> None:
        self._turn_to(State.BACKUP)
        self._wait(self._down_s)

    def _wait(self, wait_s: float) -> None:
        """Wait anew; an event that comes too early for it goes to sleep again."""
        self._wait_until_s = max(self.around.kernel.now, self._begins_s) + wait_s
        if self._wait_until_s < self._woken_at_s:
            self._sleep()

    def content(self, priority: int) -> bool:
        """Say whether an advert with this priority changes nothing but its timer."""
        if self.state is State.BACKUP:
            return not self.frozen and (priority >= self.effective or not self.node.preempts)
        return self.state is not State.MASTER

    def rest(self) -> None:
        """Wait for nothing: adverts come as they should."""
        self._wait_until_s = float("inf")

    def resume(self, heard_s: float) -> None:
        """Go on as one that sent or heard its last advert at a time."""
        if self.state is State.MASTER:
            due_s = heard_s + self.node.advert_int_s + self.around.late()
            self.around.kernel.at(due_s, self._advertise_again, self.turn)
        elif self.state is State.BACKUP:
            self._wait(heard_s + self._down_s - self.around.kernel.now)

    def _sleep(self) -> None:
        self._woken_at_s = self._wait_until_s + self.around.late()
        self.around.kernel.at(self._woken_at_s, self._expire)

    def _expire(self) -> None:
        now = self.around.kernel.now
        if now < self._woken_at_s < float("inf"):
            return  # an earlier one has taken its place
        self._woken_at_s = float("inf")
        if self.state is not State.BACKUP or self.frozen:
            return
        if now < self._wait_until_s:
            if self._wait_until_s < float("inf"):
                self._sleep()
            return
        self._preempts_at_s = None
        self._turn_to(State.MASTER)
        self._assigned_s = now + self.around.drawn(self.around.assumed.assign_s)
        self.around.kernel.at(self._assigned_s, self._assign, self._assigned_s)
        self._advertise_again(self.turn)

    def _advertise_again(self, turn: int) -> None:
        if turn != self.turn or self.frozen:
            return
        self.world.advertise(self, self.effective)
        if turn == self.turn and not self.world.pause_adverts(self):  # nobody has answered with a higher priority
            self.around.later(self.node.advert_int_s + self.around.late(), self._advertise_again, turn)

    def _assign(self, due_s: float) -> None:
        if due_s == self._assigned_s:
            if not self.has_vip:
                self.has_vip = True
                self.world.vip_changed(self)
            self._announce_twice()

    def _announce_twice(self) -> None:
        self.world.announce(self)
        self.around.later(self.node.garp_again_s, self._announce_again, self.turn)

    def _announce_again(self, turn: int) -> None:
        if turn == self.turn and not self.frozen:
            self.world.announce(self)

    def _withdraw(self, turn: int) -> None:
        if turn == self.turn:
            self._withdraw_now()

    def _withdraw_now(self) -> None:
        if self.has_vip:
            self.has_vip = False
            self.world.vip_changed(self)
