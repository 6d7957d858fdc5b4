"""A trial's measures, by the definitions of the measured ones (harness/analysis)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from harness.chain.numbers import Numbers
from harness.simulate.assumed import Assumed
from harness.simulate.clients import Clients
from harness.simulate.record import Answer, Record, Struck
from harness.simulate.timeline import Timeline

NEVER = float("inf")


class Key(NamedTuple):
    """What was measured: of which fault (its number; None: of the whole trial), and where and of what an eviction."""

    fault: int | None
    name: str
    haproxy: str = ""
    backend: str = ""


Row = dict[Key, float]


def measures(chain: Numbers, record: Record, clients: Clients, assumed: Assumed) -> Row:
    """Return what applies, in seconds from the fault or from healing; NEVER for what the trial did not see come."""
    timeline = Timeline(record.views)
    row: Row = {}
    for index, fault in enumerate(record.struck):
        until_s = record.struck[index + 1].at_s if index + 1 < len(record.struck) else record.end_s
        for name, value in (
            *_failover(record, fault, min(fault.healed_s or until_s, until_s)),
            *_owners(record, fault.at_s, until_s),
            *_kept(timeline, fault, until_s, assumed),
            ("blackout_s", clients.dark_s(timeline, fault.at_s, until_s)),
            ("lost_s", clients.lost_s(timeline, fault.at_s, until_s)),
        ):
            row[Key(index, name)] = value
        for haproxy, backend, name, value in _evictions(chain, record, fault):
            row[Key(index, name, haproxy, backend)] = value
    row[Key(None, "error_rate")] = clients.lost_s(timeline, 0.0, record.end_s) / record.end_s
    return row


def arrival(record: Record, fault: Struck, until_s: float) -> tuple[float, int] | None:
    """Return when after a fault a node had the VIP that had not had it before, and which."""
    came = ((at_s, node) for at_s, node, has in record.vips if has and fault.at_s < at_s < until_s)
    return next(((at_s, node) for at_s, node in came if node not in fault.owners), None)


def _failover(record: Record, fault: Struck, broken_until_s: float) -> Iterator[tuple[str, float]]:
    """Yield the migration, its links, and failback, of a fault on a node that had the VIP."""
    if fault.node not in fault.owners:
        return
    came = arrival(record, fault, broken_until_s)
    yield "vip_migration_s", came[0] - fault.at_s if came else NEVER
    if came:
        seen_s = next(at_s for at_s, _ in record.signs if fault.at_s < at_s)
        master_s = next(at_s for at_s, node in record.masters if node == came[1] and fault.at_s < at_s)
        yield "detection_s", seen_s - fault.at_s
        yield "election_s", master_s - seen_s
        yield "assign_s", came[0] - master_s
    if fault.healed_s is None:
        return
    had = [has for at_s, node, has in record.vips if node == fault.node and at_s < fault.healed_s]
    if had[-1]:
        return
    came_back = (t for t, node, has in record.vips if has and node == fault.node and t >= fault.healed_s)
    back = next((t for t in came_back if not _yielded(record, fault.node, t)), NEVER)
    # Only the node that held the VIP in the steady state is its home; another owes no return.
    if back < NEVER or record.vips[0][1] == fault.node:
        yield "failback_s", back - fault.healed_s


def _yielded(record: Record, node: int, since_s: float) -> bool:
    """Say whether a node that had the VIP from a moment on gave it up in favour of another."""
    gone_s = next((at_s for at_s, place, has in record.vips if place == node and not has and at_s >= since_s), NEVER)
    others = {place: has for at_s, place, has in record.vips if place != node and at_s <= gone_s}
    return gone_s < NEVER and any(others.values())


def _owners(record: Record, from_s: float, to_s: float) -> Iterator[tuple[str, float]]:
    """Yield for how long between two times nobody had the VIP, and for how long several."""
    owners, since, lasted = 0, from_s, [0.0, 0.0, 0.0]
    for at_s, has in [*((at_s, has) for at_s, _, has in record.vips), (to_s, True)]:
        moment = min(max(at_s, from_s), to_s)
        lasted[min(owners, 2)] += moment - since
        since = moment
        owners += 1 if has else -1
    yield "no_master_s", lasted[0]
    yield "dual_master_s", lasted[2]


def _kept(timeline: Timeline, fault: Struck, until_s: float, assumed: Assumed) -> Iterator[tuple[str, float]]:
    """Yield when a busy connection through the VIP, kept since before the fault, is reset; none where it lives on.

    Through a haproxy that died it is at once, by one that fell silent with the first segment that is sent again once
    another node has the VIP and knows nothing of it. Where the owner lived, nothing had to be sent again until then.
    """
    unheard = fault.silenced and fault.node in fault.owners
    before = timeline.view(fault.at_s - 1e-9)
    for begin, _, view in timeline.pieces(fault.at_s, until_s):
        if view.front is Answer.REFUSES and view.node == before.node and before.front is not Answer.REFUSES:
            yield "kept_stall_s", begin - fault.at_s
            return
        if view.node not in (None, before.node):
            passed_s, wait_s = 0.0, assumed.resent_s
            while unheard and passed_s < begin - fault.at_s:
                passed_s, wait_s = passed_s + wait_s, 2 * wait_s
            yield "kept_stall_s", max(passed_s, begin - fault.at_s)
            return


def _evictions(chain: Numbers, record: Record, fault: Struck) -> Iterator[tuple[str, str, str, float]]:
    """Yield for each haproxy and dead backend when it was taken out, and from healing on when it was put back."""
    if not fault.took_backend:
        return
    gone_until_s = record.end_s if fault.healed_s is None else fault.healed_s
    for place in fault.haproxies:
        balancer = chain.nodes[place].balancer
        for number, server in enumerate(balancer.servers if balancer else ()):
            if server.node != fault.node or server.check is None:
                continue
            where = (chain.nodes[place].name, server.name)
            changes = [c[0:1] + c[3:] for c in record.servers if c[1:3] == (place, number)]
            down_s = next((t for t, up, _ in changes if not up and fault.at_s < t <= gone_until_s), NEVER)
            yield *where, "eviction_s", down_s - fault.at_s
            if fault.healed_s is None or down_s == NEVER:
                continue
            back_s = next((t for t, up, checked in changes if up and checked and t > fault.healed_s), NEVER)
            if back_s < NEVER or not changes[-1][1]:  # else a restart put it back
                yield *where, "readmission_s", back_s - fault.healed_s
