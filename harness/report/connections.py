"""Clients with one connection each, told together where the same befell them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec

from harness.clock import Bounds, Measured, greatest, least
from harness.verdict import Dark, Interval


class Alike(msgspec.Struct, frozen=True):
    """So many clients that one apiserver answered, and what ended it for them; the bounds hold each one's darkness."""

    kind: str
    fault: int
    served_by: str
    ended: str | None
    count: int
    dark_s: Measured
    predicted: Interval | None


def alike(clients: Sequence[Dark]) -> list[Alike]:
    """Return who was served by the same after the same fault, and ended alike, together."""
    named = sorted(clients, key=_place)
    return [_together(list(group)) for _, group in groupby(named, key=_place)]


def _place(one: Dark) -> tuple[str, int, str, str]:
    return one.kind, one.fault, one.served_by or "", one.ended or ""


def _together(clients: list[Dark]) -> Alike:
    first = clients[0]
    known = [one.dark_s for one in clients if one.dark_s is not None]
    low = min((least(one) or 0.0 for one in known), default=0.0)
    high = max((greatest(one) or 0.0 for one in known), default=0.0)
    dark: Measured = None if not known else low if low == high else Bounds(low, high)
    predicted = first.predicted.get("dark_s")
    return Alike(first.kind, first.fault, first.served_by or "", first.ended, len(clients), dark, predicted)
