"""The VIP's way from a failed owner to the next, link by link, and back."""

from __future__ import annotations

import msgspec

from harness.analysis.faults import FaultSpan
from harness.analysis.owners import Tenure, owners_at
from harness.clock import NS, AtLeast, Measured, Span, between
from harness.history import History

# Kernel stamps are converted between two clocks: an order of events closer than this is not to be relied on.
ORDER_NS = 5_000_000


class Failover(msgspec.Struct, frozen=True):
    """Seconds from the fault, but `announce_s` from the VIP's arrival and `failback_s` from healing."""

    new_owner: str | None = None
    vip_migration_s: Measured = None
    detection_s: Measured = None
    announce_s: Measured = None
    failback_s: Measured = None


def failover(history: History, fault: FaultSpan, held: list[Tenure]) -> Failover:
    """Return what the VIP did after a fault; without a migration where the failed node did not hold it."""
    before = owners_at(held, fault.injected.start_ns)
    arrivals = [
        t for t in held if t.node not in before and fault.injected.start_ns < t.begin.start_ns < fault.broken_until_ns
    ]
    arrival = arrivals[0] if arrivals else None
    if fault.node not in before:
        return Failover(new_owner=arrival.node if arrival else None)
    back = _failback(fault, held)
    if arrival is None:
        return Failover(vip_migration_s=AtLeast(_open_s(fault, fault.broken_until_ns)), failback_s=back)
    return Failover(
        new_owner=arrival.node,
        vip_migration_s=between(fault.injected, arrival.begin),
        detection_s=_detection(history, fault, arrival),
        announce_s=_announcement(history, fault, arrival),
        failback_s=back,
    )


def _open_s(fault: FaultSpan, end_ns: int) -> float:
    return max(0, end_ns - fault.injected.end_ns) / NS


def _detection(history: History, fault: FaultSpan, arrival: Tenure) -> Measured:
    """Return the first sign that keepalived knows: a new state anywhere, or the owner's adverts changed."""
    start, latest = fault.injected.start_ns, arrival.begin.end_ns + ORDER_NS
    # A node cut off from its network notices that too, and tells nobody.
    mute = fault.node if fault.silences else None
    signs = [e.t_ns for e in history.of("vrrp.state") if start < e.t_ns <= latest and e.node != mute]
    priorities: dict[tuple[str, int], int] = {}
    for advert in history.of("wire.advert"):
        sender = (advert.data["source"], advert.data["vrid"])
        known = priorities.setdefault(sender, advert.data["priority"])
        if advert.data["priority"] != known and start < advert.t_ns <= latest:
            signs.append(advert.t_ns)
            break
        if advert.t_ns <= start:
            priorities[sender] = advert.data["priority"]
    return between(fault.injected, Span(min(signs), min(signs))) if signs else None


def _announcement(history: History, fault: FaultSpan, arrival: Tenure) -> Measured:
    """Return the VIP's arrival → its first gratuitous ARP as the client's own wire carried it."""
    addresses = {e.data["address"] for e in history.of("vip", arrival.node)}
    for arp in history.of("wire.arp", "client", gratuitous=True):
        if arp.data["ip"] in addresses and arp.t_ns >= arrival.begin.start_ns - ORDER_NS and arp.t_ns < fault.until_ns:
            return between(arrival.begin, Span(arp.t_ns, arp.t_ns)).max
    return AtLeast((fault.until_ns - arrival.begin.end_ns) / NS)


def _failback(fault: FaultSpan, held: list[Tenure]) -> Measured:
    if fault.healed is None or fault.node in owners_at(held, fault.healed.start_ns):
        return None
    for tenure in held:
        if tenure.node == fault.node and tenure.begin.start_ns >= fault.healed.start_ns:
            return between(fault.healed, tenure.begin)
    # Only the node that held the VIP in the steady state is its home; another owes no return.
    at_home = bool(held) and held[0].node == fault.node
    return AtLeast(max(0, fault.until_ns - fault.healed.end_ns) / NS) if at_home else None
