"""How a server's weight grows after it has come back (`slowstart`)."""

from __future__ import annotations

from collections.abc import Callable

from harness.chain.shares import PARTS, warmed
from harness.simulate.surroundings import Surroundings

STEP_S = 1.0  # haproxy 2.6 works it out anew each second


class Warmup:
    """`parts` is how many sixteenths of its weight a server has; `changed` is called when it has others."""

    __slots__ = ("_around", "_changed", "_since_s", "_slowstart_s", "_turn", "parts")

    def __init__(self, around: Surroundings, slowstart_s: float, changed: Callable[[], None]) -> None:
        self._around, self._slowstart_s, self._changed = around, slowstart_s, changed
        self.parts, self._since_s, self._turn = PARTS, 0.0, 0

    def start(self) -> None:
        """Begin: the server is back."""
        self._turn += 1
        if self._slowstart_s:
            self._since_s = self._around.kernel.now
            self._grow(self._turn)

    def stop(self) -> None:
        """Have all of its weight from the next time on: haproxy starts anew, or the server is DOWN."""
        self._turn += 1
        self.parts = PARTS

    def _grow(self, turn: int) -> None:
        if turn != self._turn:
            return
        steps = round((self._around.kernel.now - self._since_s) / STEP_S)
        parts = int(PARTS * warmed(self._slowstart_s, steps * STEP_S))
        if parts < PARTS:
            self._around.kernel.at(self._since_s + (steps + 1) * STEP_S, self._grow, turn)
        if parts != self.parts:
            self.parts = parts
            self._changed()
