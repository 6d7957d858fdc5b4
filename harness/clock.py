"""Stamps and spans on the one clock: CLOCK_MONOTONIC nanoseconds, taken inside the containers."""

from __future__ import annotations

from typing import Any, TypeAlias

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
    """A duration in seconds, known to lie in [min, max]."""

    min: float
    max: float


class AtLeast(msgspec.Struct, frozen=True):
    """A duration in seconds that had not ended when the window closed."""

    at_least: float


# What a measure can be: a point, bounds, open-ended, or not applicable (None).
Measured: TypeAlias = float | Bounds | AtLeast | None


def greatest(measured: Measured) -> float | None:
    """Return the greatest length `measured` allows in seconds: infinity where it never ended, None where absent."""
    match measured:
        case Bounds(max=most):
            return most
        case AtLeast():
            return float("inf")
        case _:
            return measured


def measured_from(value: Any) -> Measured:
    """Return the `Measured` that plain JSON data stands for."""
    if isinstance(value, dict):
        return msgspec.convert(value, AtLeast) if "at_least" in value else msgspec.convert(value, Bounds)
    return None if value is None else float(value)


def between(earlier: Span, later: Span) -> Bounds:
    """Return the bounds of the time from one span to another, never below zero."""
    return Bounds(
        min=max(0.0, (later.start_ns - earlier.end_ns) / NS),
        max=max(0.0, (later.end_ns - earlier.start_ns) / NS),
    )
