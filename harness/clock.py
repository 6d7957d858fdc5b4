"""Stamps and spans on the one clock: CLOCK_MONOTONIC nanoseconds, taken inside the containers."""

from __future__ import annotations

from math import inf
from typing import TypeAlias

import msgspec

NS = 1_000_000_000


class Span(msgspec.Struct, frozen=True, order=True):
    """Something that happened no earlier than `start_ns` and no later than `end_ns`."""

    start_ns: int
    end_ns: int

    @property
    def width_s(self) -> float:
        return (self.end_ns - self.start_ns) / NS


class Bounds(msgspec.Struct, frozen=True):
    """A duration in seconds, known to lie in [min, max]; `max` is infinite where it had not ended when last seen."""

    min: float
    max: float


# What a measure can be: a point, bounds, or not applicable (None).
Measured: TypeAlias = float | Bounds | None


def at_least(least_s: float) -> Bounds:
    """Return a duration that had not ended when the window closed."""
    return Bounds(least_s, inf)


def unended(measured: Measured) -> bool:
    """Say whether it had not ended when the window closed."""
    return greatest(measured) == inf


def greatest(measured: Measured) -> float | None:
    """Return the greatest length `measured` allows in seconds: infinity where it never ended, None where absent."""
    return measured.max if isinstance(measured, Bounds) else measured


def least(measured: Measured) -> float | None:
    """Return the least length `measured` allows in seconds; None where absent."""
    return measured.min if isinstance(measured, Bounds) else measured


def between(earlier: Span, later: Span) -> Bounds:
    """Return the bounds of the time from one span to another, never below zero."""
    return Bounds(
        min=max(0.0, (later.start_ns - earlier.end_ns) / NS),
        max=max(0.0, (later.end_ns - earlier.start_ns) / NS),
    )
