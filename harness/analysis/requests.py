"""What became of the requests: counts by class, and latency from when each was due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from harness.analysis.blackout import ok
from harness.events import Probe, ProberSummary
from harness.history import Event, History
from harness.verdict import Prober, StreamMeasures


def streams(history: History) -> dict[str, StreamMeasures]:
    """Return each stream's account; latency in milliseconds over the answered requests."""
    found = {}
    for name in sorted({e.data.stream for e in history.of(Probe)}):
        sent = list(history.of(Probe, stream=name))
        errors = Counter(error for e in sent if (error := e.data.error) is not None)
        latency = latency_ms(sent)
        failed = sum(errors.values())
        found[name] = StreamMeasures(
            sent=len(sent),
            ok=len(sent) - failed,
            failed=failed,
            error_rate=round(failed / len(sent), 6) if sent else 0.0,
            errors=dict(errors.most_common()),
            latency_ms={"p50": quantile(latency, 0.5), "p99": quantile(latency, 0.99), "max": quantile(latency, 1)},
        )
    return found


def latency_ms(sent: Iterable[Event[Probe]]) -> list[float]:
    """Return what the answered ones took from when each was due, in order."""
    return sorted((e.data.done_ns - e.data.due_ns) / 1e6 for e in sent if ok(e))


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least `share` of an ordered sample does not exceed; None of an empty one."""
    if not ordered:
        return None
    rank = max(0, -int(-share * len(ordered) // 1) - 1)  # the ceiling, less one
    return round(ordered[min(rank, len(ordered) - 1)], 3)


def prober(history: History) -> Prober | None:
    """Return how well the prober kept its schedule, its worst stream; None where it left no summary."""
    summary = next(history.of(ProberSummary), None)
    if summary is None:
        return None
    told = summary.data.streams.values()
    late = [s.lateness_ns_p99 for s in told if s.lateness_ns_p99 is not None]
    return Prober(round(max(late) / 1e6, 3) if late else None, sum(s.cap_hits for s in told))
