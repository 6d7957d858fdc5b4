"""What makes a trial's numbers unfit to judge by, told in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.requests import prober
from harness.history import History


def doubts(history: History) -> list[str]:
    """Return every reason to doubt the history; none where it may be judged."""
    return [*_clocks(history), *_losses(history), *_clients(history)]


def _clocks(history: History) -> Iterator[str]:
    for name, what in (("boot_id", "kernel"), ("time_namespace", "time namespace")):
        seen: dict[str, str] = {}
        for kind in ("agent.start", "agent.stop"):
            for event in history.of(kind):
                seen.setdefault(str(event.data[name]), f"{event.agent} on {event.node}")
        if len(seen) > 1:
            yield f"the agents do not share one clock: another {what} at {' and '.join(seen.values())}"


def _losses(history: History) -> Iterator[str]:
    for event in history.of("agent.lost"):
        yield f"{event.agent} on {event.node} lost {event.data['count']} events: {event.data['reason']}"


def _clients(history: History) -> Iterator[str]:
    if next(history.of("probe"), None) is None:
        yield "the prober recorded no request"
        return
    account = prober(history)
    if account is None:
        yield "the prober left no summary: it did not end as it should"
        return
    if account.cap_hits:
        yield f"{account.cap_hits} requests were not sent because too many were under way"
    period_ms = _period_ms(history)
    if account.lateness_ms_p99 is not None and account.lateness_ms_p99 > period_ms:
        yield (
            f"the prober was {account.lateness_ms_p99:.1f} ms late (p99), more than its period of {period_ms:.1f} ms: "
            "this machine is too busy"
        )


def _period_ms(history: History) -> float:
    """Return the time between two requests of the slowest stream."""
    due: dict[str, list[int]] = {}
    for event in history.of("probe"):
        due.setdefault(event.data["stream"], []).append(event.data["due_ns"])
    return max((max(d) - min(d)) / max(1, len(d) - 1) / 1e6 for d in due.values())
