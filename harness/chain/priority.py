"""A keepalived's priority: what its scripts make of it, and the waits that follow from it."""

from __future__ import annotations

from collections.abc import Iterable

OWNER = 255  # the address owner's, which no script ever changes (vrrp_set_effective_priority)
LEAST, MOST = 1, 254  # of everybody else
Tracked = tuple[int, bool, bool | None]  # weight, reverse, and whether the script passes: None before its first result


def effective(base: int, scripts: Iterable[Tracked]) -> int | None:
    """Return the priority that a node advertises; None in FAULT.

    A positive weight counts while its script passes, a negative one while it fails, both with the other sign where they
    are reversed; a weight of 0 is FAULT while its script fails, reversed while it passes (keepalived 2.2.7,
    vrrp_track.c, process_script_update_priority).
    """
    total = base
    for weight, reverse, passes in scripts:
        if weight == 0 and passes is reverse:
            return None
        if passes is (weight > 0):
            total += -weight if reverse else weight
    return base if base == OWNER else min(MOST, max(LEAST, total))


def skew_s(priority: int, version: int, advert_int_s: float) -> float:
    """Return the skew time in whole microseconds, as keepalived's vrrp.h has it: in version 2 not scaled by adverts."""
    behind = 256 - priority
    if version == 3:
        return (behind * round(advert_int_s * 100) * 625 // 16) / 1e6
    return (behind * 1_000_000 // 256) / 1e6


def master_down_s(priority: int, version: int, advert_int_s: float, adverts: int) -> float:
    """Return how long a backup waits for an advert before it becomes MASTER (RFC 3768 §6.1, RFC 5798 §6.1)."""
    return adverts * advert_int_s + skew_s(priority, version, advert_int_s)
