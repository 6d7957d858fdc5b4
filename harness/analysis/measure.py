"""All measures of one trial."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import msgspec

from harness.analysis.blackout import blackout, longest
from harness.analysis.blame import HAPROXY, blame, causes
from harness.analysis.corroborate import agreement
from harness.analysis.eviction import evictions
from harness.analysis.failover import failover
from harness.analysis.faults import FaultSpan, epoch_ns, faults
from harness.analysis.guests import guests
from harness.analysis.layers import connects
from harness.analysis.links import LINKS
from harness.analysis.multiplexed import darkness
from harness.analysis.outside import Asked, asked, seen_for
from harness.analysis.owners import NOBODY, SEVERAL, Tenure, held_by, tenures
from harness.analysis.requests import prober, streams
from harness.analysis.steady import steady
from harness.analysis.validity import Doubt, disagreements, doubts, strain, unexplained
from harness.analysis.watches import silences, stall
from harness.analysis.writes import writes
from harness.clock import NS
from harness.events import Probe
from harness.figures import rounded
from harness.history import History
from harness.verdict import Agreement, Dark, Eviction, FaultMeasures, Guest, Prober, StreamMeasures, Writes


class Measures(msgspec.Struct):
    """What was measured; `slack_s` is what a figure may be late by.

    `doubts` are reasons not to judge it, `strain` is one not to hold it against the chain where something was too slow.
    """

    faults: list[FaultMeasures]
    evictions: list[Eviction]
    clients: list[Dark]
    guests: list[Guest]
    streams: dict[str, StreamMeasures]
    writes: Writes | None
    prober: Prober | None
    blame: dict[str, int]
    haproxy_log: Agreement | None
    spans: list[FaultSpan]
    tenures: list[Tenure]
    doubts: list[Doubt]
    strain: Doubt | None
    slack_s: float


def measure(
    history: History, backends: dict[str, str], front: str = HAPROXY, masters: Collection[str] | None = None
) -> Measures:
    """Return the measures of a history; `backends` maps each server's name to its node, `front` answers on the VIP.

    `masters` are the nodes with an apiserver and a member of etcd: who is behind the load balancer, unless told.
    """
    spans = faults(history)
    held = tenures(history, spans)
    probes = asked(history)
    broken = causes(history, spans, held, backends, front, masters)
    blamed = blame(history, broken)
    counted = dict(Counter(one.cause for one in blamed).most_common())
    before = steady(history, spans)
    measured = [_fault(history, span, held, probes) for span in spans]
    strained = strain(history)
    puzzles = [*unexplained(counted), *disagreements(spans, measured, tenures(history, spans, surely=True))]
    return Measures(
        faults=measured,
        evictions=[row for span in spans for row in evictions(history, span, spans, backends, held, blamed)],
        clients=[*darkness(history, spans), *silences(history, spans)],
        guests=guests(history, spans, broken),
        streams=streams(history),
        writes=writes(history),
        prober=prober(history),
        blame=counted,
        haproxy_log=agreement(history, blamed, spans, backends),
        spans=spans,
        tenures=held,
        doubts=[
            *doubts(history),
            *(Doubt(text, machine=True) for text in before.doubts()),
            *(Doubt(text, machine=strained is not None) for text in puzzles),
            *([strained] if strained and puzzles else []),
        ],
        strain=strained,
        slack_s=before.slack_s,
    )


def _fault(history: History, span: FaultSpan, held: list[Tenure], probes: list[Asked]) -> FaultMeasures:
    zero = epoch_ns(history)
    moved = failover(history, span, held)
    parts: dict[str, Any] = {name: rounded(getattr(moved.links, name)) for name in LINKS}
    return FaultMeasures(
        fault=span.name,
        node=span.node,
        at_s=round((span.injected.start_ns - zero) / NS, 6),
        width_s=round(span.injected.width_s, 6),
        healed_at_s=round((span.healed.start_ns - zero) / NS, 6) if span.healed else None,
        new_owner=moved.new_owner,
        vip_migration_s=rounded(moved.vip_migration_s),
        **parts,
        blackout_s=rounded(blackout(history, span)),
        connect_blackout_s=rounded(longest(connects(history), span.injected.start_ns, span.until_ns)),
        no_master_s=rounded(held_by(held, NOBODY, span.injected.start_ns, span.until_ns)),
        no_master_seen_s=rounded(seen_for(probes, NOBODY, span.injected.start_ns, span.until_ns)),
        dual_master_s=rounded(held_by(held, SEVERAL, span.injected.start_ns, span.until_ns)),
        dual_master_seen_s=rounded(seen_for(probes, SEVERAL, span.injected.start_ns, span.until_ns)),
        failback_s=rounded(moved.failback_s),
        healing_blackout_s=rounded(longest(history.of(Probe), span.healed.start_ns, span.until_ns))
        if span.healed and span.healed.start_ns < span.until_ns
        else None,
        watch_stall_s=rounded(stall(history, span)),
    )
