"""The faults of a trial as spans: when each was injected, when it was healed, and until when it is looked at."""

from __future__ import annotations

from typing import Any

import msgspec

from harness.clock import Span
from harness.history import Event, History


class FaultSpan(msgspec.Struct, frozen=True):
    """A fault; what it did is measured from `injected.start_ns` to `until_ns`, the next fault's start or the end."""

    index: int
    name: str
    node: str
    injected: Span
    healed: Span | None
    until_ns: int
    detail: dict[str, Any]

    @property
    def silences(self) -> bool:
        """Say whether the whole node fell silent."""
        return self.detail.get("up") is False

    @property
    def takes_backend(self) -> bool:
        """Say whether the node's apiserver stopped to answer."""
        return self.silences or self.detail.get("process") == "kube-apiserver"

    @property
    def broken_until_ns(self) -> int:
        """Return when healing began, or the end of what is looked at."""
        return min(self.healed.start_ns, self.until_ns) if self.healed else self.until_ns


def epoch_ns(history: History) -> int:
    """Return a trial's zero: the moment its clients started."""
    starts = [e.t_ns for e in history.of("agent.start") if e.agent == "prober"]
    return min(starts, default=history.start_ns)


def end_ns(history: History) -> int:
    """Return a trial's end: the moment its clients asked last; what came later nobody looked at."""
    return max((e.data["due_ns"] for e in history.of("probe")), default=history.end_ns)


def faults(history: History) -> list[FaultSpan]:
    """Return the faults in order of their index."""
    by_index: dict[int, list[Event]] = {}
    for event in history.of("fault"):
        by_index.setdefault(event.data["index"], []).append(event)
    injected = {i: span for i, events in by_index.items() if (span := _span(events, "inject"))}
    starts = sorted(span.start_ns for span in injected.values())
    found = []
    for index, span in sorted(injected.items()):
        first = next(e for e in by_index[index] if e.data["action"] == "inject")
        until = next((s for s in starts if s > span.start_ns), max(end_ns(history), span.end_ns))
        healed = _span(by_index[index], "heal")
        about = FaultSpan(index, first.data["fault"], first.node, span, healed, until, first.data["detail"])
        found.append(_from_power_on(about, history) if about.silences and healed else about)
    return found


def _span(events: list[Event], action: str) -> Span | None:
    stamps = [e.t_ns for e in events if e.data["action"] == action]
    return Span(min(stamps), max(stamps)) if stamps else None


def _from_power_on(fault: FaultSpan, history: History) -> FaultSpan:
    # The deed is noted once the node's agents answer; it was on since its init started.
    assert fault.healed is not None
    agents = [e for e in history.of("agent.start", fault.node) if e.t_ns > fault.injected.end_ns]
    starts = [max(e.data.get("init_started_ns", e.t_ns), fault.injected.end_ns) for e in agents]
    start = min([*starts, fault.healed.start_ns])
    return msgspec.structs.replace(fault, healed=Span(start, fault.healed.end_ns))
