"""Time and chance, as every part of a simulated chain shares them."""

from __future__ import annotations

from math import log
from random import Random

from harness.simulate.assumed import Assumed, Range
from harness.simulate.kernel import Kernel


class Surroundings:
    """`chance` is the trial's own source of randomness, and `random` its next number in [0, 1)."""

    def __init__(self, assumed: Assumed, chance: Random, now: float) -> None:
        self.assumed, self.chance = assumed, chance
        self.random = chance.random
        self.kernel = Kernel(now)
        self.later = self.kernel.after

    def drawn(self, between: Range) -> float:
        """Return a time from a range, each as likely."""
        return between[0] + (between[1] - between[0]) * self.random()

    def late(self) -> float:
        """Return how late a timer fires."""
        return -self.assumed.late_s_mean * log(1.0 - self.random())
