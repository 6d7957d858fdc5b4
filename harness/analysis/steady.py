"""How the chain served while nothing was broken yet: what a figure may be late by on this machine follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from harness.analysis.blackout import ok
from harness.analysis.faults import FaultSpan
from harness.analysis.requests import latency_ms, quantile
from harness.events import Probe
from harness.history import History
from harness.predict.timers import LATENCY_S, SLACK_S

MORE_S = SLACK_S  # what the slack may grow by: with more it would hide what is to be seen
BUSY_S = LATENCY_S + MORE_S


class Steady(msgspec.Struct, frozen=True):
    """The requests that ended before the first fault: how many failed, and how slow the slowest answers were."""

    failed: int
    latency_s_p99: float = 0.0
    latency_s_max: float = 0.0

    @property
    def slack_s(self) -> float:
        """Return what a figure may be later than its timers: more where answers take longer than SLACK_S allows for.

        By the slowest answer, as budgets are held against the slowest of hundreds, too.
        """
        return round(SLACK_S + min(max(0.0, self.latency_s_max - LATENCY_S), MORE_S), 6)

    def doubts(self) -> Iterator[str]:
        """Yield why nothing should be judged by this start."""
        if self.failed:
            yield f"{self.failed} requests failed before anything was broken: there was no steady state"
        if self.latency_s_p99 > BUSY_S:
            yield (
                f"before anything was broken one answer in a hundred took {self.latency_s_p99:.2f} s or longer, more "
                f"than {BUSY_S:.2f} s: this machine is too busy"
            )


def steady(history: History, spans: Sequence[FaultSpan]) -> Steady:
    """Return how the chain served until the first fault; of a trial without one, all of it."""
    end_ns = min((s.injected.start_ns for s in spans), default=history.end_ns)
    ended = [e for e in history.of(Probe) if e.t_ns < end_ns]
    took_ms = latency_ms(ended)
    slow_s, slowest_s = ((quantile(took_ms, share) or 0.0) / 1e3 for share in (0.99, 1))
    return Steady(sum(not ok(e) for e in ended), slow_s, slowest_s)
