"""Does the VIP leave a failed node in time?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

from harness.analysis.faults import FaultSpan
from harness.analysis.measure import Measures
from harness.analysis.outside import asked, watched
from harness.checks.budget import allowed, fault, span_of, within
from harness.clock import unended
from harness.events import Advert
from harness.figures import told
from harness.history import History
from harness.verdict import Finding, Outcome, Shown, Symptom


@dataclass(frozen=True)
class VipMoves:
    """The VIP is on another node within `within_s` of a fault on its owner, or as predicted.

    `rivals` are each node's best priority.
    """

    fault: int
    within_s: float | None = None
    rivals: Mapping[str, int] = field(default_factory=dict)

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        measured = fault(measures, self.fault)
        name, budget_s = (
            type(self).__name__,
            allowed(self.within_s, measured.predicted, "vip_migration_s", measures.slack_s),
        )
        if measured.vip_migration_s is None:
            text = f"{measured.node} did not hold the VIP when {measured.fault} hit it"
            yield Finding(name, Outcome.INCONCLUSIVE, text)
        elif unended(measured.vip_migration_s):
            span = span_of(measures, self.fault)
            text = (
                f"the VIP never moved: {measured.node} failed and kept it for {told(measured.vip_migration_s)} s, "
                f"until it was healed{_why(history, span, self.rivals)}"
            )
            budget_s = None if budget_s == inf else budget_s
            yield Finding(
                name,
                Outcome.FAILED,
                text,
                measured.vip_migration_s,
                budget_s,
                certain=_witnessed(history, span),
                shows=Shown(symptom, span.node, span.process) if (symptom := _symptom(history, span)) else None,
            )
        else:
            what = f"the VIP moved from {measured.node} to {measured.new_owner}"
            yield within(name, what, measured.vip_migration_s, budget_s)


def _witnessed(history: History, span: FaultSpan) -> bool:
    """Say whether the client, too, asked all the while who has the VIP, and no other node ever answered."""
    probes, start, end = asked(history), span.injected.end_ns, span.broken_until_ns
    answered = {owner for p in probes if start < p.sent_ns < end for owner in p.owners}
    return watched(probes, start, end) and answered <= {span.node}


def _symptom(history: History, span: FaultSpan) -> Symptom | None:
    """Return whether a keepalived that lived on lowered its priority; None where it died too, or nobody heard it."""
    if span.silences:
        return None
    sent = [(e.t_ns, e.data.priority) for e in history.of(Advert, span.node, outgoing=True)]
    before = [priority for t_ns, priority in sent if t_ns < span.injected.start_ns]
    after = [priority for t_ns, priority in sent if span.injected.end_ns < t_ns < span.broken_until_ns]
    if not before or not after:
        return None
    return Symptom.VIP_OUTBID if after[-1] < before[-1] else Symptom.VIP_UNNOTICED


def _why(history: History, span: FaultSpan, rivals: Mapping[str, int]) -> str:
    """Return what the failed node went on to advertise, and the most that any other could set against it."""
    adverts = [
        e.data.priority
        for e in history.of(Advert, span.node, outgoing=True)
        if span.injected.end_ns < e.t_ns < span.broken_until_ns
    ]
    others = {node: priority for node, priority in rivals.items() if node != span.node}
    if not adverts or not others:
        return ""
    strongest = max(others, key=lambda node: others[node])
    best = others[strongest]
    return f"; it still advertised priority {adverts[-1]}, and the best of the others, {strongest}, has {best}"
