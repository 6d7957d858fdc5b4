"""One haproxy's health check of one server: when it asks, what it hears, and when it changes its mind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from harness.chain.health import PROBE_S
from harness.chain.numbers import Backend, HealthCheck
from harness.chain.observing import OnError
from harness.simulate.errors import Errors
from harness.simulate.record import Answer
from harness.simulate.surroundings import Surroundings
from harness.simulate.warmup import Warmup


class Asked(Protocol):
    """Whom a health check asks, by its node's place, and who is told what it found."""

    answers: list[Answer]

    def server_changed(self, checking: Checking, checked: bool) -> None: ...
    def weight_changed(self, haproxy: int) -> None: ...


class Checking:
    """The counter and the clock of haproxy 2.6's check.c: the next check is due an interval after the end of the last.

    While nothing can change (all checks pass and the server is UP, or all fail and it is DOWN) it sleeps, and knows
    from its period where in it it is when the server's answer changes.
    """

    __slots__ = (
        "_asleep", "_began_s", "_counted", "_due_s", "_ended_s", "_health", "_held", "_met", "_most", "_turn",
        "_warmup", "around", "check", "errors", "haproxy", "node", "server", "up", "world",
    )  # fmt: skip

    def __init__(
        self, around: Surroundings, world: Asked, haproxy: int, number: int, server: Backend, check: HealthCheck
    ) -> None:
        self.around = around
        self.world, self.haproxy, self.server, self.node, self.check = world, haproxy, number, server.node, check
        self._warmup = Warmup(around, server.slowstart_s, lambda: world.weight_changed(haproxy))
        self.errors = Errors(around, check.observing, self._limit_reached) if check.observing else None
        self.up = True
        self._most = check.rise + check.fall - 1
        self._health = self._most
        self._turn = 0
        self._met = Answer.SERVES  # what the last check, or the one under way, met
        self._held = False  # whether it has the apiserver ask etcd, and waits for that
        self._began_s: float | None = None  # when the one under way began
        self._ended_s = 0.0  # when the last one ended
        self._due_s = 0.0  # when the next begins, or the one under way ends
        self._counted = False  # whether an error of a client has decided the one under way
        self._asleep = False

    @property
    def parts(self) -> int:
        """Return how many sixteenths of its weight the server has."""
        return self._warmup.parts

    @property
    def minds_statuses(self) -> bool:
        """Say whether an answer with an error status counts as an error of a client."""
        return self.check.observing is not None and self.check.observing.statuses

    def settle(self) -> None:
        """Have passed for long; the last check ended at a random moment of the interval before now."""
        self._ended_s = self.around.kernel.now - self.around.random() * self.check.inter_s
        self._asleep = True

    def start(self, position: float) -> None:
        """Start as haproxy does: UP, but one failure from DOWN; first checks are spread over the interval."""
        self.stop()
        self._warmup.stop()
        self._health, self._counted = self.check.rise, False
        self._set_up(True, checked=False)
        self._plan(self.around.kernel.now + self.check.inter_s * position, self._begin)

    def stop(self) -> None:
        """Ask no more: haproxy is dead, or stopped."""
        self._turn += 1
        self._asleep, self._began_s = False, None

    def thaw(self) -> None:
        """Go on after SIGCONT: a check is overdue."""
        self._begin(self._turn)

    def notice(self) -> None:
        """Take note that the server answers otherwise from now on."""
        if self._asleep:
            self._wake()
        if self._began_s is not None:
            self._hear_again()

    def _wake(self) -> None:
        """Go on with what a check that has never slept would do now: pause, or ask."""
        self._asleep = False
        now, interval_s, lasting_s = self.around.kernel.now, self._interval_s, self._asked(self._met)[1]
        into_s = (now - self._ended_s) % (interval_s + lasting_s)
        if into_s < interval_s:
            self._plan(now + interval_s - into_s, self._begin)
            return
        self._began_s = now - (into_s - interval_s)
        self._plan(self._began_s + lasting_s, self._end, False)

    def _plan(self, at_s: float, deed: Callable[..., None], *words: bool) -> None:
        self._due_s = at_s
        self.around.kernel.at(at_s, deed, self._turn, *words)

    def _begin(self, turn: int) -> None:
        if turn == self._turn:
            now = self.around.kernel.now
            self._began_s, self._met = now, self.world.answers[self.node]
            self._held = self._met.untold and self.around.random() < self.around.assumed.held
            ok, lasting_s = self._asked(self._met)
            if lasting_s:
                self._plan(now + lasting_s, self._end, ok)
            else:
                self._end(turn, ok)

    def _asked(self, answer: Answer) -> tuple[bool, float]:
        """Return whether a check passes that meets this answer, and after how long it is over."""
        check = self.check
        match answer:
            case Answer.REFUSES:
                return False, 0.0
            case Answer.DROPS:
                return False, check.connect_s
            case Answer.HANGS if check.secure:
                return False, check.connect_s
            case Answer.HANGS if check.layer7 or check.hello:
                return False, check.answer_s
            case Answer.ERRS | Answer.WAITS if check.asks_ready:
                return False, 0.0
            case Answer.FAILS if check.layer7:
                return False, 0.0
            case Answer.ERRS_UNTOLD | Answer.WAITS_UNTOLD if check.asks_ready and self._held:
                return False, min(PROBE_S, check.answer_s)
        return True, 0.0

    def _hear_again(self) -> None:
        """Let a check under way hear a new answer: at once where it is connected, else by its next SYN."""
        assert self._began_s is not None
        if self._met is not Answer.DROPS:
            self._knock(self._turn)
            return
        for again_s in self.around.assumed.syn_again_s:
            at_s = self._began_s + again_s
            if self.around.kernel.now <= at_s and again_s < self.check.connect_s:
                self.around.kernel.at(at_s, self._knock, self._turn)
                return

    def _knock(self, turn: int) -> None:
        if turn == self._turn and self._began_s is not None:
            ok, lasting_s = self._asked(answer := self.world.answers[self.node])
            if lasting_s == 0.0:
                self._met = answer
                self._end(turn, ok)

    def _end(self, turn: int, ok: bool) -> None:
        if turn != self._turn:
            return
        self._turn += 1  # what else would have ended this check is void
        self._ended_s, self._began_s = self.around.kernel.now, None
        if self._counted:
            self._counted = ok = False
        else:
            self._count(ok)
        settled = self._health == (self._most if ok else 0) and self._met is self.world.answers[self.node]
        settled &= not self._met.untold
        if settled and not (self.errors and self.errors.coming):
            self._asleep = True
        else:
            self._plan(self._ended_s + self._interval_s + self.around.late(), self._begin)

    def _count(self, ok: bool) -> None:
        check = self.check
        if ok and self.errors:
            self.errors.forget()
        if self.up:
            self._health = self._most if ok else self._health - 1
            if self._health < check.rise:
                self._health = 0
                self._set_up(False)
        elif not ok:
            self._health = 0
        else:
            self._health += 1
            if self._health >= check.rise:
                self._health = self._most
                self._set_up(True)

    @property
    def _interval_s(self) -> float:
        if self.up:
            return self.check.inter_s if self._health == self._most else self.check.fastinter_s
        return self.check.downinter_s if self._health == 0 else self.check.fastinter_s

    def _set_up(self, up: bool, checked: bool = True) -> None:
        if self.up is not up:
            self.up = up
            if up and checked:
                self._warmup.start()
            else:
                self._warmup.stop()
            self.world.server_changed(self, checked)

    # What its clients' errors do.

    def suffer(self, per_s: float, late_s: float) -> None:
        """Have so many errors of clients come a second, the first after so long."""
        assert self.errors is not None
        if per_s and self._asleep:
            self._wake()
        self.errors.come(per_s, late_s)

    def _limit_reached(self) -> None:
        """Do what `on-error` says; it decides a check that is under way, too."""
        observing = self.check.observing
        assert observing is not None
        if observing.on_error is not OnError.FASTINTER:
            self._counted = self._began_s is not None
            if observing.on_error is OnError.MARK_DOWN:
                self._health = self.check.rise
            elif observing.on_error is OnError.SUDDEN_DEATH:
                self._health = min(self._health, self.check.rise + 1)
            self._count(False)
        if observing.hurries_s is not None and (soon_s := self.around.kernel.now + observing.hurries_s) < self._due_s:
            self._turn += 1
            under_way = self._began_s is not None
            self._plan(soon_s, *((self._end, False) if under_way else (self._begin,)))
