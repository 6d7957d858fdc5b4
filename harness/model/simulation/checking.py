"""One haproxy's health check of one server: when it asks, what it hears, and when it changes its mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.model.chain import Check
from harness.model.simulation.record import Answer

if TYPE_CHECKING:
    from harness.model.simulation.world import World


class Checking:
    """The counter and the clock of haproxy 2.6's check.c: the next check is due an interval after the end of the last.

    While nothing can change (all checks pass and the server is UP, or all fail and it is DOWN) it sleeps, and knows
    from its period where in it it is when the server's answer changes.
    """

    __slots__ = (
        "_asleep", "_began_s", "_ended_s", "_health", "_met", "_most", "_turn",
        "check", "haproxy", "node", "server", "up", "world",
    )  # fmt: skip

    def __init__(self, world: World, haproxy: int, server: int, node: int, check: Check) -> None:
        self.world, self.haproxy, self.server, self.node, self.check = world, haproxy, server, node, check
        self.up = True
        self._most = check.rise + check.fall - 1
        self._health = self._most
        self._turn = 0
        self._met = Answer.SERVES  # what the last check, or the one under way, met
        self._began_s: float | None = None  # when the one under way began
        self._ended_s = 0.0  # when the last one ended
        self._asleep = False

    def settle(self) -> None:
        """Have passed for long; the last check ended at a random moment of the interval before now."""
        self._ended_s = self.world.kernel.now - self.world.random() * self.check.inter_s
        self._asleep = True

    def start(self, position: float) -> None:
        """Start as haproxy does: UP, but one failure from DOWN; first checks are spread over the interval."""
        self.stop()
        self._health = self.check.rise
        self._set_up(True, checked=False)
        self.world.later(self.check.inter_s * position, self._begin, self._turn)

    def stop(self) -> None:
        """Ask no more: haproxy is dead, or stopped."""
        self._turn += 1
        self._asleep, self._began_s = False, None

    def thaw(self) -> None:
        """Go on after SIGCONT: a check is overdue."""
        self._begin(self._turn)

    def notice(self) -> None:
        """Take note that the server answers otherwise from now on."""
        now = self.world.kernel.now
        if self._asleep:
            self._asleep = False
            interval_s, lasting_s = self._interval_s, self._asked(self._met)[1]
            into_s = (now - self._ended_s) % (interval_s + lasting_s)
            if into_s < interval_s:
                self.world.kernel.at(now + interval_s - into_s, self._begin, self._turn)
                return
            self._began_s = now - (into_s - interval_s)
            self.world.kernel.at(self._began_s + lasting_s, self._end, self._turn, False)
        if self._began_s is not None:
            self._hear_again()

    def _begin(self, turn: int) -> None:
        if turn == self._turn:
            now = self.world.kernel.now
            self._began_s, self._met = now, self.world.answers[self.node]
            ok, lasting_s = self._asked(self._met)
            if lasting_s:
                self.world.kernel.at(now + lasting_s, self._end, turn, ok)
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
            case Answer.HANGS if check.layer7:
                return False, check.answer_s
            case Answer.ERRS if check.asks_ready:
                return False, 0.0
            case Answer.WAITS if check.asks_ready:
                return False, min(self.world.assumed.etcd_patience_s, check.answer_s)
        return True, 0.0

    def _hear_again(self) -> None:
        """Let a check under way hear a new answer: at once where it is connected, else by its next SYN."""
        assert self._began_s is not None
        if self._met is not Answer.DROPS:
            self._knock(self._turn)
            return
        for again_s in self.world.assumed.syn_again_s:
            at_s = self._began_s + again_s
            if self.world.kernel.now <= at_s and again_s < self.check.connect_s:
                self.world.kernel.at(at_s, self._knock, self._turn)
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
        self._ended_s, self._began_s = self.world.kernel.now, None
        self._count(ok)
        if self._health == (self._most if ok else 0) and self._met is self.world.answers[self.node]:
            self._asleep = True
        else:
            self.world.later(self._interval_s + self.world.late(), self._begin, self._turn)

    def _count(self, ok: bool) -> None:
        check = self.check
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
            self.world.server_changed(self, checked)
