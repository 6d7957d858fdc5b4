"""How a haproxy counts its clients' errors (`observe`), and what it does at the limit."""

from __future__ import annotations

from collections.abc import Callable

from harness.chain.observing import Observing
from harness.simulate.surroundings import Surroundings


class Errors:
    """Errors in a row of one server's clients, who come evenly; `limit_reached` is called at each limit."""

    __slots__ = ("_around", "_count", "_limit_reached", "_observing", "_per_s", "_since_s", "_turn")

    def __init__(self, around: Surroundings, observing: Observing, limit_reached: Callable[[], None]) -> None:
        self._around, self._observing, self._limit_reached = around, observing, limit_reached
        self._count = self._per_s = self._since_s = 0.0
        self._turn = 0

    @property
    def coming(self) -> bool:
        return self._per_s > 0

    def forget(self) -> None:
        """Begin the count anew: a check has passed."""
        self._count, self._since_s = 0.0, max(self._since_s, self._around.kernel.now)
        self._await()

    def come(self, per_s: float, late_s: float) -> None:
        """Have so many come a second from now on, the first `late_s` later where none came before."""
        if per_s == self._per_s:
            return
        now = self._around.kernel.now
        if self._per_s:
            self._count += self._per_s * max(0.0, now - self._since_s)
            self._since_s = max(self._since_s, now)
        else:
            self._count += self._around.random()  # the next is on its way
            self._since_s = now + late_s
        self._per_s = per_s
        self._await()

    def _await(self) -> None:
        self._turn += 1
        if self._per_s:
            wait_s = max(0.0, self._observing.limit - self._count) / self._per_s
            self._around.kernel.at(self._since_s + wait_s, self._reached, self._turn)

    def _reached(self, turn: int) -> None:
        if turn == self._turn:
            self._count, self._since_s = 0.0, self._around.kernel.now
            self._await()
            self._limit_reached()
