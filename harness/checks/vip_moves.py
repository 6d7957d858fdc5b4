"""Does the VIP leave a failed node in time?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

from harness.analysis.faults import FaultSpan
from harness.analysis.measure import Measures
from harness.checks.budget import allowed, fault, within
from harness.clock import AtLeast, measured_from
from harness.history import History
from harness.verdict import Finding, Outcome, told


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
        elif isinstance(measured_from(measured.vip_migration_s), AtLeast):
            span = next(s for s in measures.spans if s.index == self.fault)
            text = (
                f"the VIP never moved: {measured.node} failed and kept it for {told(measured.vip_migration_s)} s, "
                f"until it was healed{_why(history, span, self.rivals)}"
            )
            yield Finding(name, Outcome.FAILED, text, measured.vip_migration_s, None if budget_s == inf else budget_s)
        else:
            what = f"the VIP moved from {measured.node} to {measured.new_owner}"
            yield within(name, what, measured.vip_migration_s, budget_s)


def _why(history: History, span: FaultSpan, rivals: Mapping[str, int]) -> str:
    """Return what the failed node went on to advertise, and the most that any other could set against it."""
    adverts = [
        e.data["priority"]
        for e in history.of("wire.advert", span.node, outgoing=True)
        if span.injected.end_ns < e.t_ns < span.broken_until_ns
    ]
    others = {node: priority for node, priority in rivals.items() if node != span.node}
    if not adverts or not others:
        return ""
    strongest = max(others, key=lambda node: others[node])
    best = others[strongest]
    return f"; it still advertised priority {adverts[-1]}, and the best of the others, {strongest}, has {best}"
