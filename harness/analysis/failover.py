"""The VIP's way from a failed owner to the next, link by link, and back."""

from __future__ import annotations

import msgspec

from harness.analysis.faults import FaultSpan, faults
from harness.analysis.links import Links, links
from harness.analysis.owners import Tenure, owners_at
from harness.clock import NS, Measured, at_least, between
from harness.history import History


class Failover(msgspec.Struct, frozen=True):
    """Seconds from the fault, but `failback_s` from healing; `links` are the migration's parts."""

    new_owner: str | None = None
    vip_migration_s: Measured = None
    failback_s: Measured = None
    links: Links = Links()


def failover(history: History, fault: FaultSpan, held: list[Tenure]) -> Failover:
    """Return what the VIP did after a fault; without a migration where the failed node did not hold it."""
    before = owners_at(held, fault.injected.start_ns)
    arrivals = [
        t for t in held if t.node not in before and fault.injected.start_ns < t.begin.start_ns < fault.broken_until_ns
    ]
    arrival = arrivals[0] if arrivals else None
    if fault.node not in before or fault.effect.reloads:  # whoever goes on owes no migration
        return Failover(new_owner=arrival.node if arrival else None)
    home = owners_at(held, faults(history)[0].injected.start_ns)
    back = _failback(fault, held, home)
    if arrival is None:
        return Failover(vip_migration_s=at_least(_open_s(fault, fault.broken_until_ns)), failback_s=back)
    parts = links(history, fault, arrival)
    migration = between(fault.injected, parts.assigned or arrival.begin)
    return Failover(new_owner=arrival.node, vip_migration_s=migration, failback_s=back, links=parts)


def _yielded(tenure: Tenure, held: list[Tenure]) -> bool:
    """Say whether a tenure ended in favour of another that was there already: that was no return."""
    end = tenure.end
    return end is not None and any(
        t.node != tenure.node and t.begin.start_ns < end.start_ns and (t.end is None or t.end.start_ns > end.end_ns)
        for t in held
    )


def _open_s(fault: FaultSpan, end_ns: int) -> float:
    return max(0, end_ns - fault.injected.end_ns) / NS


def _failback(fault: FaultSpan, held: list[Tenure], home: list[str]) -> Measured:
    if fault.healed is None or fault.node in owners_at(held, fault.healed.start_ns):
        return None
    for tenure in held:
        if tenure.node == fault.node and tenure.begin.start_ns >= fault.healed.start_ns and not _yielded(tenure, held):
            return between(fault.healed, tenure.begin)
    # Only the node that held the VIP in the steady state is its home; another owes no return. One that was merely up
    # before it had the VIP for a moment, and is none.
    return at_least(max(0, fault.until_ns - fault.healed.end_ns) / NS) if fault.node in home else None
