"""What is predicted of one measure: an interval, never, or nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from harness.clock import Bounds
from harness.model.setting import Setting
from harness.model.spread import Spread

SHARES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Expected:
    """[best, worst] seconds and their distribution; without `bounds` it never comes about, and `why` says why.

    `shares_s` are the 5th, 50th and 95th percentile; None where only the bounds are known. What `lasts` has no bounds
    because it only ends with healing.
    """

    bounds: Bounds | None
    shares_s: tuple[float, ...] | None = None
    why: str = ""
    settings: tuple[Setting, ...] = ()
    lasts: bool = False


def spread(found: Spread, why: str = "", settings: tuple[Setting, ...] = ()) -> Expected:
    """Return what is expected of a time that is a sum of independent parts."""
    return Expected(found.bounds, tuple(found.quantile(share) for share in SHARES), why, settings)


def within(least_s: float, most_s: float, why: str = "", settings: tuple[Setting, ...] = ()) -> Expected:
    """Return bounds of which nothing more is known."""
    return Expected(Bounds(least_s, most_s), None, why, settings)


def weighed(
    values: Iterable[tuple[float, float]], bounds: Bounds, why: str = "", settings: tuple[Setting, ...] = ()
) -> Expected:
    """Return what is expected of a time by values and their weights, as a numerical integral gives them."""
    ordered = sorted(values)
    whole = sum(weight for _, weight in ordered)
    reached = list(accumulate(weight / whole for _, weight in ordered))
    shares = tuple(ordered[min(bisect_left(reached, share), len(ordered) - 1)][0] for share in SHARES)
    return Expected(bounds, shares, why, settings)


def never(why: str, settings: tuple[Setting, ...] = ()) -> Expected:
    """Return that it does not come about at all."""
    return Expected(None, None, why, settings)


def lasting(why: str, settings: tuple[Setting, ...] = ()) -> Expected:
    """Return that it goes on until healing, whatever the timers."""
    return Expected(None, None, why, settings, lasts=True)
