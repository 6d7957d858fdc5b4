"""What holds for all servers of a backend, set by itself or by the defaults that it takes over (haproxy 2.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.profile.haproxy.check import Checks, checks
from harness.profile.haproxy.section import Section, effective
from harness.profile.haproxy.values import number, seconds, value_of
from harness.profile.where import Placed

RETRIES = 3
NAMES = ("mode", "balance", "hash-type", "retries", "retry-on", "option redispatch", "option allbackups")
TIMEOUTS = ("connect", "server", "check", "queue", "tunnel")


@dataclass(frozen=True)
class Backend(Placed):
    """A backend's own settings, times in seconds: `timeouts_s` has only those that are set, 0 meaning never."""

    name: str
    mode: str
    balance: str
    hash_type: str
    sticks: bool
    retries: int
    retry_on: tuple[str, ...]
    redispatch: int | None
    all_backups: bool
    timeouts_s: Mapping[str, float]
    checks: Checks


def backend(section: Section) -> Backend:
    """Return what a backend or listen section comes to; raise ProfileError with file and line of a bad setting."""
    names = (*NAMES, *(f"timeout {kind}" for kind in TIMEOUTS))
    found = {name: setting for name in names if (setting := effective(section, *name.split()))}
    check = checks(section)
    redispatch = found.get("option redispatch")
    limits = {kind: found[f"timeout {kind}"] for kind in TIMEOUTS if f"timeout {kind}" in found}
    return Backend(
        where={"": section.place(section.line), **{name: one.where for name, one in found.items()}, **check.where},
        name=section.name,
        mode=value_of(found.get("mode"), "tcp", str),
        balance=value_of(found.get("balance"), "roundrobin", str),
        hash_type=value_of(found.get("hash-type"), "map-based", str),
        sticks=any(section.last.get(("stick", how)) for how in ("on", "match")),
        retries=value_of(found.get("retries"), RETRIES, number),
        retry_on=tuple(found["retry-on"].words) if "retry-on" in found else ("conn-failure",),
        # Without a number the last retry goes elsewhere.
        redispatch=value_of(redispatch if redispatch and redispatch.words else None, -1, number)
        if redispatch
        else None,
        all_backups="option allbackups" in found,
        timeouts_s={kind: value_of(limit, 0.0, seconds) for kind, limit in limits.items()},
        checks=check,
    )
