"""A vrrp_script as keepalived runs it: start to start, with rise and fall."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from harness.chain.look import Lookup, looks
from harness.chain.numbers import Track
from harness.chain.sight import Refused, understood
from harness.simulate.surroundings import Surroundings


class Ended(NamedTuple):
    """How a run ended: whether it passed, how long it took, and whether it had keepalived stopped."""

    passed: bool
    took_s: float
    stops: bool = False


class Tracker(Protocol):
    """Whose script it is: one that SIGSTOP has frozen, or not; who runs it, and weighs each new verdict."""

    frozen: bool

    def tried(self, track: Track) -> Ended: ...
    def reweigh(self) -> None: ...
    def stopped(self) -> None: ...


class Tracking:
    """A script's counter; `ok` is None until its first result, and then changes nothing of the priority.

    One that only looks up processes sleeps while its result is what it was: no process has come or gone.
    """

    def __init__(self, around: Surroundings, router: Tracker, track: Track) -> None:
        self.around, self.router, self.track = around, router, track
        self.ok: bool | None = None
        self._counted = 0
        self._turn = 0
        self._ran_s, self._asleep = 0.0, False
        read = track.tried is None and understood(track.sight)
        self._sleeps = read and all(isinstance(look, Lookup | Refused) for look in looks(track.sight))

    def settle(self) -> None:
        """Be for long as it is while nothing is broken; the last run was at a random moment of the interval before."""
        self.ok, self._counted = self.track.stands, self._most if self.track.stands else 0
        self._ran_s = self.around.kernel.now - self.around.random() * self.track.interval_s
        self._asleep = True
        if not self._sleeps:
            self.notice()

    def start(self) -> None:
        """Run for the first time: one success makes it OK, one failure does not; init_fail is forgotten."""
        self._turn += 1
        self.ok = None
        self._counted = self.track.rise - 1
        self._run(self._turn)

    def stop(self) -> None:
        self._turn += 1
        self._asleep = False

    def thaw(self) -> None:
        self.stop()
        self._run(self._turn)

    def notice(self) -> None:
        """Take note that a process of the node has come or gone."""
        if self._asleep:
            self._asleep = False
            since_s = self.around.kernel.now - self._ran_s
            wait_s = self.track.interval_s - since_s % self.track.interval_s
            self.around.later(wait_s, self._run, self._turn)

    @property
    def _most(self) -> int:
        return self.track.rise + self.track.fall - 1

    def _run(self, turn: int) -> None:
        if turn != self._turn or self.router.frozen:
            return
        track = self.track
        ok, took_s, stops = self.router.tried(track)
        if stops:
            self.around.later(took_s, self.router.stopped)
            return
        settled = self.ok is ok and self._counted == (self._most if ok else 0)
        if not settled:
            self.around.later(took_s, self._end, turn, ok)
        if settled and self._sleeps:
            self._ran_s, self._asleep = self.around.kernel.now, True
        else:
            self.around.later(track.interval_s + self.around.late(), self._run, turn)

    def _end(self, turn: int, ok: bool) -> None:
        if turn != self._turn or self.router.frozen:
            return
        self._counted = self._next(ok)
        verdict = self._counted >= self.track.rise
        if self.ok is not verdict:
            self.ok = verdict
            self.router.reweigh()

    def _next(self, ok: bool) -> int:
        """Return the counter after a result (track_script.h): OK from `rise` on, full or empty at each change."""
        if ok:
            return self._counted + 1 if self._counted < self.track.rise - 1 else self._most
        if self._counted < self.track.rise:
            return 0
        return self._counted - 1 if self._counted > self.track.rise else 0
