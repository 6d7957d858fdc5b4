"""Clients with one connection each, told together where the same befell them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec

from harness.clock import Bounds, Measured, greatest, least
from harness.verdict import Dark, Interval


class Alike(msgspec.Struct, frozen=True):
    """So many clients that one apiserver answered, and what ended it for them; the bounds hold each one's darkness.

    `broken` is how their streams of news broke, `again_s` how long there was none.
    """

    kind: str
    fault: int
    served_by: str
    ended: str | None
    broken: str | None
    count: int
    dark_s: Measured
    predicted: Interval | None
    again_s: Measured
    predicted_again: Interval | None


def alike(clients: Sequence[Dark]) -> list[Alike]:
    """Return who was served by the same after the same fault, and ended alike, together."""
    named = sorted(clients, key=_place)
    return [_together(list(group)) for _, group in groupby(named, key=_place)]


def _place(one: Dark) -> tuple[str, int, str, str, str]:
    return _named(one), one.fault, one.served_by or "", one.ended or "", one.broken or ""


def _named(one: Dark) -> str:
    return f"{one.kind} {one.node}" if one.node else one.kind


def _together(clients: list[Dark]) -> Alike:
    first = clients[0]
    return Alike(
        _named(first),
        first.fault,
        first.served_by or "",
        first.ended,
        first.broken,
        len(clients),
        _hull([one.dark_s for one in clients]),
        first.predicted.get("dark_s"),
        _hull([one.again_s for one in clients]),
        first.predicted.get("again_s"),
    )


def _hull(measured: Sequence[Measured]) -> Measured:
    """Return what holds each of them; None where none was measured."""
    known = [one for one in measured if one is not None]
    low = min((least(one) or 0.0 for one in known), default=0.0)
    high = max((greatest(one) or 0.0 for one in known), default=0.0)
    return None if not known else low if low == high else Bounds(low, high)
