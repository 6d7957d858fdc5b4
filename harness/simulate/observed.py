"""What the errors of clients tell the health checks that count them (`observe`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.chain.numbers import Node
from harness.simulate.assumed import Assumed
from harness.simulate.healthcheck import Checking
from harness.simulate.record import Answer, View
from harness.simulate.traffic import met_per_s

# Which share of requests that are answered so fails.
_BROKEN = {Answer.REFUSES: 1.0, Answer.DROPS: 1.0}


class Observed:
    """The checks that observe; `any` says whether there are such."""

    def __init__(self, checks: Sequence[Checking], nodes: Sequence[Node], assumed: Assumed) -> None:
        self._checks = [checking for checking in checks if checking.errors]
        self._nodes, self._fresh_per_s = nodes, assumed.fresh_per_s
        reads = assumed.reads
        self._with_error = {Answer.ERRS: 1.0, Answer.FAILS: 1.0, Answer.ERRS_UNTOLD: reads, Answer.WAITS: 1.0 - reads}

    def count(self, view: View) -> None:
        """Tell the checks how many errors of clients come from now on: of all haproxies the owner's alone has any."""
        if not self._checks:
            return
        met: Mapping[tuple[int, Answer], float] = {}
        balancer = None if view.node is None else self._nodes[view.node].balancer
        if balancer and view.front is Answer.SERVES:
            met = met_per_s(balancer, view, self._fresh_per_s)
        for checking in self._checks:
            bad = _BROKEN | (self._with_error if checking.minds_statuses else {})
            errors = (share * met.get((checking.node, answer), 0.0) for answer, share in bad.items())
            per_s = sum(errors) if checking.haproxy == view.node else 0.0
            silent = view.answers[checking.node] is Answer.DROPS
            checking.suffer(per_s, balancer.retries.takes_s(silent) if balancer else 0.0)
