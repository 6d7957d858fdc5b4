"""All measures of one trial."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from harness.analysis.blackout import blackout, longest
from harness.analysis.blame import HAPROXY, blame
from harness.analysis.corroborate import agreement
from harness.analysis.eviction import evictions
from harness.analysis.failover import failover
from harness.analysis.faults import FaultSpan, epoch_ns, faults
from harness.analysis.layers import connects
from harness.analysis.links import LINKS
from harness.analysis.outside import Asked, asked, seen_for
from harness.analysis.owners import NOBODY, SEVERAL, Tenure, held_by, tenures
from harness.analysis.requests import prober, streams
from harness.analysis.steady import steady
from harness.analysis.validity import disagreements, doubts, unexplained
from harness.analysis.watches import stall
from harness.analysis.writes import writes
from harness.clock import NS
from harness.history import History
from harness.verdict import Agreement, Eviction, FaultMeasures, Prober, Stream, Writes, plain


class Measures(msgspec.Struct):
    """What was measured; `doubts` are reasons not to judge it, `slack_s` is what a figure may be late by."""

    faults: list[FaultMeasures]
    evictions: list[Eviction]
    streams: dict[str, Stream]
    writes: Writes | None
    prober: Prober | None
    blame: dict[str, int]
    haproxy_log: Agreement | None
    spans: list[FaultSpan]
    tenures: list[Tenure]
    doubts: list[str]
    slack_s: float


def measure(history: History, backends: dict[str, str], front: str = HAPROXY) -> Measures:
    """Return the measures of a history; `backends` maps each server's name to its node, `front` answers on the VIP."""
    spans = faults(history)
    held = tenures(history, spans)
    probes = asked(history)
    blamed = blame(history, spans, held, backends, front)
    causes = dict(Counter(one.cause for one in blamed).most_common())
    before = steady(history, spans)
    measured = [_fault(history, span, held, probes) for span in spans]
    return Measures(
        faults=measured,
        evictions=[row for span in spans for row in evictions(history, span, spans, backends, held, blamed)],
        streams=streams(history),
        writes=writes(history),
        prober=prober(history),
        blame=causes,
        haproxy_log=agreement(history, blamed, spans, backends),
        spans=spans,
        tenures=held,
        doubts=[
            *doubts(history),
            *before.doubts(),
            *unexplained(causes),
            *disagreements(spans, measured, tenures(history, spans, surely=True)),
        ],
        slack_s=before.slack_s,
    )


def _fault(history: History, span: FaultSpan, held: list[Tenure], probes: list[Asked]) -> FaultMeasures:
    zero = epoch_ns(history)
    moved = failover(history, span, held)
    parts: dict[str, Any] = {name: plain(getattr(moved.links, name)) for name in LINKS}
    return FaultMeasures(
        fault=span.name,
        node=span.node,
        at_s=round((span.injected.start_ns - zero) / NS, 6),
        width_s=round(span.injected.width_s, 6),
        healed_at_s=round((span.healed.start_ns - zero) / NS, 6) if span.healed else None,
        new_owner=moved.new_owner,
        vip_migration_s=plain(moved.vip_migration_s),
        **parts,
        blackout_s=plain(blackout(history, span)),
        connect_blackout_s=plain(longest(connects(history), span.injected.start_ns, span.until_ns)),
        no_master_s=plain(held_by(held, NOBODY, span.injected.start_ns, span.until_ns)),
        no_master_seen_s=plain(seen_for(probes, NOBODY, span.injected.start_ns, span.until_ns)),
        dual_master_s=plain(held_by(held, SEVERAL, span.injected.start_ns, span.until_ns)),
        dual_master_seen_s=plain(seen_for(probes, SEVERAL, span.injected.start_ns, span.until_ns)),
        failback_s=plain(moved.failback_s),
        healing_blackout_s=plain(longest(history.of("probe"), span.healed.start_ns, span.until_ns))
        if span.healed and span.healed.start_ns < span.until_ns
        else None,
        watch_stall_s=plain(stall(history, span)),
    )
