"""Was etcd's quorum really lost, as a scenario that kills most of its members means it to be?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.checks.writes_refused import without_quorum
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class QuorumLost:
    """From the last fault until healing no write is acknowledged; a living apiserver, or what is before it, says so."""

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        tried = without_quorum(history, measures.spans)
        acknowledged = [e for e in tried if e.data.acknowledged]
        refused = [e for e in tried if (e.data.status or 0) >= 500]
        # A load balancer that checks fast has taken every apiserver out before one could refuse a write.
        turned_away = [e for e in tried if e.data.error in ("closed", "refused", "reset")]
        name = type(self).__name__
        if acknowledged:
            text = f"{len(acknowledged)} writes were acknowledged with most of etcd's members dead"
            yield Finding(name, Outcome.FAILED, text, certain=True)
        elif not refused and turned_away:
            text = f"quorum was lost: of {len(tried)} writes none was acknowledged, {len(turned_away)} found no backend"
            yield Finding(name, Outcome.PASSED, text)
        elif not refused:
            text = f"no apiserver refused a write: {len(tried)} were tried while most of etcd's members were dead"
            yield Finding(name, Outcome.INCONCLUSIVE, text)
        else:
            by = ", ".join(sorted({e.data.served_by for e in refused if e.data.served_by}))
            text = f"quorum was lost: of {len(tried)} writes none was acknowledged, {by} refused {len(refused)}"
            yield Finding(name, Outcome.PASSED, text)
