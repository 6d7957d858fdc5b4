"""Times that are spread, not known: a least time and independent uniform parts on top, added without sampling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from harness.clock import Bounds

# A part narrower than this share of the whole counts by its middle: it changes nothing that is shown, and its inverse
# would cost all digits.
NARROW = 1e-3
CLOSE_S = 1e-6


@dataclass(frozen=True)
class Spread:
    """`least_s` seconds and the sum of independent parts, each uniform between 0 and its width in seconds."""

    least_s: float
    widths_s: tuple[float, ...] = ()

    def __add__(self, other: Spread) -> Spread:
        return Spread(self.least_s + other.least_s, (*self.widths_s, *other.widths_s))

    @property
    def bounds(self) -> Bounds:
        """Return [best, worst]."""
        return Bounds(self.least_s, self.least_s + sum(self.widths_s))

    def below(self, t_s: float) -> float:
        """Return the probability of at most `t_s`.

        The volume of a box below a plane, by inclusion and exclusion over its corners: for n parts of widths w
        1 / (n! · Πw) · Σ over subsets S of (−1)^|S| · max(0, t − Σw in S)^n.
        """
        least = NARROW * sum(self.widths_s)
        widths = [w for w in self.widths_s if w > least]
        whole, t_s = sum(widths), t_s - self.least_s - sum(w for w in self.widths_s if w <= least) / 2
        if t_s >= whole:
            return 1.0
        if t_s <= 0:
            return 0.0
        if t_s > whole / 2:  # the density is symmetric; the nearer end keeps more digits
            return 1.0 - Spread(0.0, tuple(widths)).below(whole - t_s)
        count = len(widths)
        terms = [
            (-1) ** size * max(0.0, t_s - sum(corner)) ** count
            for size in range(count + 1)
            for corner in combinations(widths, size)
        ]
        return math.fsum(terms) / (math.factorial(count) * math.prod(widths))

    @lru_cache(10_000)  # noqa: B019 - the same few are asked for again and again, and each is small
    def quantile(self, share: float) -> float:
        """Return the time that is not exceeded with probability `share`, to a microsecond, by bisection."""
        low, high = self.bounds.min, self.bounds.max
        while high - low > CLOSE_S:
            middle = (low + high) / 2
            low, high = (middle, high) if self.below(middle) < share else (low, middle)
        return (low + high) / 2
