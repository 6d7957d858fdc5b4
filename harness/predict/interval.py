"""What is predicted of one measure: an interval, never, or nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import inf, isinf

from harness.chain.setting import Setting
from harness.clock import Bounds
from harness.predict.spread import Spread
from harness.verdict import NEVER, UNTIL_HEALED, End

SHARES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Predicted:
    """[best, worst] seconds and their distribution; without `bounds` it never comes about, and `why` says why.

    `shares_s` are the 5th, 50th and 95th percentile; None where only the bounds are known. What `lasts` has no bounds
    because it only ends with healing. `depends` says on what all this depends that is not known, or not certain;
    `otherwise` what may be instead of the bounds.
    """

    bounds: Bounds | None
    shares_s: tuple[float, ...] | None = None
    why: str = ""
    settings: tuple[Setting, ...] = ()
    lasts: bool = False
    depends: str = ""
    otherwise: End | None = None

    @property
    def open(self) -> bool:
        """Say whether it may take any time, so that nothing is claimed of it."""
        if self.bounds is None:
            return bool(self.depends)
        return isinf(self.bounds.max) or self.otherwise == UNTIL_HEALED

    @property
    def ends(self) -> End:
        """Return what becomes of it where it has no bounds."""
        return UNTIL_HEALED if self.lasts else NEVER


def spread(found: Spread, why: str = "", settings: tuple[Setting, ...] = ()) -> Predicted:
    """Return what is predicted of a time that is a sum of independent parts."""
    shares_s = None if isinf(found.bounds.max) else tuple(found.quantile(share) for share in SHARES)
    return Predicted(found.bounds, shares_s, why, settings)


def within(
    least_s: float, most_s: float, why: str = "", settings: tuple[Setting, ...] = (), depends: str = ""
) -> Predicted:
    """Return bounds of which nothing more is known."""
    return Predicted(Bounds(least_s, most_s), None, why, settings, depends=depends)


def untold(on: str) -> Predicted:
    """Return that it may take any time, as it depends `on` what nobody can tell."""
    return within(0.0, inf, f"depends {on}", depends=on)


def weighed(
    values: Iterable[tuple[float, float]], bounds: Bounds, why: str = "", settings: tuple[Setting, ...] = ()
) -> Predicted:
    """Return what is predicted of a time by values and their weights, as a numerical integral gives them."""
    ordered = sorted(values)
    whole = sum(weight for _, weight in ordered)
    reached = list(accumulate(weight / whole for _, weight in ordered))
    shares = tuple(ordered[min(bisect_left(reached, share), len(ordered) - 1)][0] for share in SHARES)
    return Predicted(bounds, shares, why, settings)


def never(why: str, settings: tuple[Setting, ...] = ()) -> Predicted:
    """Return that it does not come about at all."""
    return Predicted(None, None, why, settings)


def lasting(why: str, settings: tuple[Setting, ...] = ()) -> Predicted:
    """Return that it goes on until healing, whatever the timers."""
    return Predicted(None, None, why, settings, lasts=True)


def either(found: Sequence[Predicted | None], on: str) -> Predicted:
    """Return what is predicted of what may be one or another, which depends `on` something that is not known."""
    first = next(one for one in found if one is not None)
    if all(one == first for one in found):
        return first
    bounded = [one for one in found if one is not None and one.bounds is not None]
    if not bounded:
        return replace(first, depends=on, otherwise=NEVER if first.lasts else None)
    most_s = [one.bounds.max if one.bounds else inf for one in bounded]
    bounds = Bounds(min(one.bounds.min for one in bounded if one.bounds), max(most_s))
    shares_s = bounded[0].shares_s if all(one.bounds == bounds for one in bounded) else None
    others = [one.otherwise if one.bounds else one.ends for one in found if one is not None]
    otherwise = next((other for other in others if other), None)  # of three that may be, each is one of two
    return replace(bounded[0], bounds=bounds, shares_s=shares_s, depends=on, otherwise=otherwise)
