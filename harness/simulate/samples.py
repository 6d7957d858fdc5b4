"""What many trials came to: every measure's values, and what they amount to."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from harness.simulate.measures import NEVER, Key, Row


@dataclass(frozen=True)
class Distribution:
    """A sample's figures; what never came is infinite, and not in `mean` nor in `counts`, the bins of what came."""

    n: int
    never: int
    least: float
    p5: float
    p50: float
    p95: float
    most: float
    mean: float
    counts: list[int]


@dataclass
class Samples:
    """By measure, in any order; `struck` and `moved` count, by fault, the nodes that it hit and that had the VIP next.

    A trial breaks off where no node fits its next fault. `by_effect` names deeds as in a Record.
    """

    trials: int = 0
    broken_off: int = 0
    values: dict[Key, array[float]] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    struck: dict[int, Counter[str]] = field(default_factory=dict)
    moved: dict[int, Counter[str]] = field(default_factory=dict)
    by_effect: set[str] = field(default_factory=set)

    def add(self, row: Row) -> None:
        """Take in one trial's measures."""
        values = self.values
        for key, value in row.items():
            if key not in values:
                values[key] = array("d")
            values[key].append(value)

    def join(self, other: Samples) -> None:
        """Take in what other trials came to."""
        self.trials += other.trials
        self.broken_off += other.broken_off
        for key, more in other.values.items():
            self.values.setdefault(key, array("d")).extend(more)
        self.faults |= other.faults
        self.by_effect |= other.by_effect
        for mine, others in ((self.struck, other.struck), (self.moved, other.moved)):
            for index, counted in others.items():
                mine.setdefault(index, Counter()).update(counted)

    def vip_migration_s(self, fault: int = 0) -> list[float]:
        """Return a fault's simulated migrations, ordered; infinite where the VIP never moved."""
        return sorted(self.values.get(Key(fault, "vip_migration_s"), ()))

    def distribution(self, key: Key, bins: int = 24) -> Distribution:
        """Return a measure's distribution; the mean of what never came is infinite."""
        ordered = sorted(self.values[key])
        came = ordered[: bisect_left(ordered, NEVER)]
        return Distribution(
            n=len(ordered),
            never=len(ordered) - len(came),
            least=ordered[0],
            p5=quantile(ordered, 0.05),
            p50=quantile(ordered, 0.5),
            p95=quantile(ordered, 0.95),
            most=ordered[-1],
            mean=math.fsum(came) / len(came) if came else NEVER,
            counts=binned(came, bins),
        )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of an ordered sample does not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def binned(ordered: Sequence[float], bins: int) -> list[int]:
    """Return how many values of an ordered sample lie in each of as many equal parts of its range."""
    if not ordered or ordered[0] == ordered[-1]:
        return [len(ordered)] if ordered else []
    least, width = ordered[0], (ordered[-1] - ordered[0]) / bins
    edges = [0, *(bisect_left(ordered, least + width * n) for n in range(1, bins)), len(ordered)]
    return [b - a for a, b in pairwise(edges)]
