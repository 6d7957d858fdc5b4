"""Measures as they are stored and shown: rounded, and in words."""

from __future__ import annotations

from harness.clock import Bounds, Measured, unended
from harness.verdict import Interval


def rounded(measured: Measured) -> Measured:
    """Return a measure rounded to the microsecond."""
    if isinstance(measured, Bounds):
        return Bounds(round(measured.min, 6), round(measured.max, 6))
    return None if measured is None else round(measured, 6)


def told(measured: Measured) -> str:
    """Return a measure without its unit: "2.871", "2.85–2.88", "≥ 6.1", or "–" where it does not apply."""
    match measured:
        case None:
            return "–"
        case Bounds(min=least) if unended(measured):
            return f"≥ {_digits(least)}"
        case Bounds(min=least, max=most):
            # Bounds closer than what is shown are one figure: their greatest.
            low, high = _digits(least), _digits(most)
            return high if low == high or most - least < 0.002 else f"{low}–{high}"
        case point:
            return _digits(point)


def told_interval(interval: Interval | None, measured: Measured = 0.0) -> str:
    """Return a predicted interval as it is shown: "2.57–6.57", "2.61" where both ends are one, "never", "until healed",
    "2.57–6.57 or never".

    Nothing where nothing is predicted, or nothing was `measured` that it could stand beside.
    """
    if interval is None or measured is None:
        return ""
    if isinstance(interval, str):
        return interval
    low, high = (f"{end:.2f}".rstrip("0").rstrip(".") for end in (interval.min, interval.max))
    either = f" or {interval.otherwise}" if interval.otherwise else ""
    return (low if low == high else f"{low}–{high}") + either


def _digits(value: float) -> str:
    return "0" if value == 0 else f"{value:.4f}" if value < 0.01 else f"{value:.3f}"
