"""Whether measured figures look like draws from the simulation."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fit:
    """`n` measured values whose distribution is at most `distance` from the simulated one; `p` so far by chance."""

    n: int
    distance: float
    p: float


def agreement(measured: Sequence[float], simulated: Sequence[float]) -> Fit:
    """Return the two-sample Kolmogorov–Smirnov statistic and its probability where both are of one distribution.

    What never came counts as infinite in either. The probability is Kolmogorov's limit with Stephens' correction (Press
    et al., Numerical Recipes §14.3), good from some four values on.
    """
    ours, theirs = sorted(measured), sorted(simulated)
    if not ours or not theirs:
        raise ValueError("an empty sample agrees with nothing")
    distance = max(
        abs(side(ours, value) / len(ours) - side(theirs, value) / len(theirs))
        for value in dict.fromkeys(ours)
        for side in (bisect_left, bisect_right)
    )
    root = math.sqrt(len(ours) * len(theirs) / (len(ours) + len(theirs)))
    return Fit(len(ours), distance, _kolmogorov((root + 0.12 + 0.11 / root) * distance))


def _kolmogorov(x: float) -> float:
    """Return the probability that Kolmogorov's statistic exceeds x."""
    if x < 0.2:
        return 1.0  # the series converges slowly there; 1 - 1e-12 at 0.2
    return min(1.0, 2 * math.fsum((1 if k % 2 else -1) * math.exp(-2 * k * k * x * x) for k in range(1, 101)))
