"""The chain from a fault to the first answer, link by link; the links follow on one another and add up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from harness.analysis.blackout import ok
from harness.analysis.faults import FaultSpan
from harness.analysis.owners import Tenure
from harness.clock import NS, Measured, Span, between
from harness.events import Advert, GratuitousArp, Link, Neighbour, Probe, Vip, VrrpState
from harness.history import Event, F, History

# Kernel stamps are converted between two clocks: an order of events closer than this is not to be relied on.
ORDER_NS = 5_000_000


LINKS = ("detection_s", "election_s", "assign_s", "announce_s", "neighbour_s", "first_answer_s")


class Links(msgspec.Struct, frozen=True):
    """Seconds of each link; `detection_s` from the fault, each other from the end of the one before.

    `assigned` is when the new owner got the address, as closely as three witnesses tell.
    """

    assigned: Span | None = None
    detection_s: Measured = None
    election_s: Measured = None
    assign_s: Measured = None
    announce_s: Measured = None
    neighbour_s: Measured = None
    first_answer_s: Measured = None


def links(history: History, fault: FaultSpan, arrival: Tenure) -> Links:
    """Return the links of one migration; None for a link whose end was not seen."""
    master, announced = _master(history, fault, arrival), _announced(history, fault, arrival)
    # keepalived advertises, then adds the address, then announces it: the kernel stamps both packets at once, while
    # the agent that hears of the address may have had to wait for its turn.
    latest = min(arrival.begin.end_ns, announced or arrival.begin.end_ns)
    assigned = Span(min(master or latest, latest), latest)
    ends = {
        "detection_s": _detected(history, fault, arrival),
        "election_s": master,
        "assign_s": latest,
        "announce_s": announced,
        "neighbour_s": _neighbour(history, fault, arrival),
        "first_answer_s": _answered(history, fault, arrival),
    }
    measured: dict[str, Any] = {"assigned": assigned}
    reached = fault.injected
    for name, end in ends.items():
        if end is None:
            continue
        # Two observers' stamps of one instant may differ by microseconds; a link never takes less than nothing.
        end = max(end, reached.start_ns)
        between_ends = between(reached, Span(end, end))
        measured[name] = between_ends if name == "detection_s" else between_ends.max
        reached = Span(end, end)
    return Links(**measured)


def _detected(history: History, fault: FaultSpan, arrival: Tenure) -> int | None:
    """Return the first sign that keepalived knows: a new state, or an advert it would not have sent before."""
    start, latest = fault.injected.start_ns, arrival.begin.end_ns + ORDER_NS
    # A node cut off from its network notices that too, and tells nobody.
    mute = fault.node if fault.silences else None
    signs = [e.t_ns for e in history.of(VrrpState) if start < e.t_ns <= latest and e.node != mute]
    known: dict[tuple[str, int], int] = {}
    for advert in history.of(Advert):
        sender = (advert.data.source, advert.data.vrid)
        if start < advert.t_ns <= latest and known.get(sender) != advert.data.priority:
            signs.append(advert.t_ns)
            break
        if advert.t_ns <= start:
            known[sender] = advert.data.priority
    return min(signs, default=None)


def _master(history: History, fault: FaultSpan, arrival: Tenure) -> int | None:
    """Return when the new owner was MASTER: its first own advert on the wire, which comes before its address."""
    start = fault.injected.start_ns
    adverts = _after(history.of(Advert, arrival.node, outgoing=True), start, arrival.begin.end_ns + ORDER_NS)
    states = _after(history.of(VrrpState, arrival.node, state="MASTER"), start, arrival.begin.end_ns + NS)
    return min((e.t_ns for e in (*adverts, *states)), default=None)


def _announced(history: History, fault: FaultSpan, arrival: Tenure) -> int | None:
    """Return the new owner's first gratuitous ARP as the client's own wire carried it."""
    macs = {e.data.mac for e in history.of(Link, arrival.node)}
    addresses = {e.data.address for e in history.of(Vip, arrival.node)}
    heard = _after(
        history.of(GratuitousArp, "client", gratuitous=True), arrival.begin.start_ns - ORDER_NS, fault.until_ns
    )
    return next((e.t_ns for e in heard if e.data.ip in addresses and (not macs or e.data.mac in macs)), None)


def _neighbour(history: History, fault: FaultSpan, arrival: Tenure) -> int | None:
    """Return when the client's own neighbour entry had the new owner's MAC."""
    macs = {e.data.mac for e in history.of(Link, arrival.node)}
    changes = _after(history.of(Neighbour), fault.injected.start_ns, fault.until_ns)
    return next((e.t_ns for e in changes if e.data.mac in macs), None)


def _answered(history: History, fault: FaultSpan, arrival: Tenure) -> int | None:
    """Return the end of the first good answer to a request that was connected to the new owner."""
    start = arrival.begin.start_ns
    good = (e for e in history.of(Probe) if ok(e) and start < e.t_ns < fault.until_ns)
    return next((e.t_ns for e in good if e.data.sent_ns > start or (e.data.connected_ns or 0) > start), None)


def _after(events: Iterator[Event[F]], start_ns: int, end_ns: int) -> Iterator[Event[F]]:
    return (e for e in events if start_ns < e.t_ns <= end_ns)
