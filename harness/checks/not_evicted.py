"""Do load balancers keep the backends that a fault leaves alone?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.checks.budget import span_of
from harness.clock import NS
from harness.events import HaproxyServer
from harness.history import History
from harness.verdict import Finding, Outcome


@dataclass(frozen=True)
class NotEvicted:
    """While a fault is in force no haproxy takes a backend out that the fault does not hit."""

    fault: int

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        name = type(self).__name__
        span = span_of(measures, self.fault)
        start_ns, end_ns = span.injected.start_ns, span.broken_until_ns
        hit = {(row.haproxy, row.backend) for row in measures.evictions if row.fault == self.fault}
        off = {s.node for s in measures.spans if s.silences}  # they lose sight of all others
        watched = {(e.node, e.data.server) for e in history.of(HaproxyServer) if e.node not in off} - hit
        downs = [
            e
            for e in history.of(HaproxyServer, status="DOWN")
            if (e.node, e.data.server) in watched and start_ns < e.t_ns < end_ns and not e.data.initial
        ]
        if not watched:
            yield Finding(name, Outcome.INCONCLUSIVE, "no haproxy told of a backend that the fault leaves alone")
        for down in downs:
            after_s = (down.t_ns - start_ns) / NS
            text = f"{down.node}'s haproxy took out {down.data.server} ({down.data.check_status}), which nothing ailed"
            yield Finding(name, Outcome.FAILED, f"{text}, {after_s:.2f} s after the fault", after_s)
        if watched and not downs:
            yield Finding(name, Outcome.PASSED, f"no backend was taken out of the {len(watched)} that it leaves alone")
