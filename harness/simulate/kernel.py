"""The kernel of the simulation: deeds in order of their time."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any


class Kernel:
    """`now` is in seconds; `stirred` is set by a deed after which a condition may hold that did not before."""

    __slots__ = ("_due", "_number", "now", "stirred")

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.stirred = False
        self._due: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._number = 0

    def at(self, when_s: float, deed: Callable[..., None], *words: Any) -> None:
        """Have a deed done at a time; deeds of one time are done in the order they were asked for."""
        self._number += 1
        heappush(self._due, (when_s, self._number, deed, words))

    def after(self, delay_s: float, deed: Callable[..., None], *words: Any) -> None:
        """Have a deed done after a delay."""
        self._number += 1
        heappush(self._due, (self.now + delay_s, self._number, deed, words))

    def run(self, until_s: float, stop: Callable[[], bool] | None = None) -> bool:
        """Do what is due until a time, or until `stop` holds after a deed that stirred; say whether it did."""
        due = self._due
        self.stirred = True
        if stop is not None and stop():
            return True
        while due and due[0][0] <= until_s:
            self.now, _, deed, words = heappop(due)
            deed(*words)
            if stop is not None and self.stirred:
                self.stirred = False
                if stop():
                    return True
        self.now = until_s
        return False
