"""How long a client believed in a `watch` stream that was dead."""

from __future__ import annotations

from harness.analysis.faults import FaultSpan
from harness.clock import NS, Measured, at_least
from harness.events import Watch
from harness.history import Event, History

# Writes come every 50 ms, and each is news on every stream: a longer silence is no pause.
SILENT_NS = NS


def stall(history: History, fault: FaultSpan) -> Measured:
    """Return the longest silence of a stream from its last news after a fault to the end that its client saw.

    0 where every stream went on or ended at once, at least so long where one was still believed in at the
    end, None without streams.
    """
    held = [e for e in history.of(Watch) if _of(e, fault)]
    if not held:
        return None
    longest: Measured = 0.0
    for event in held:
        seconds = (event.t_ns - max(event.data.last_data_ns, fault.injected.start_ns)) / NS
        if seconds < SILENT_NS / NS:
            continue
        if event.data.error is None:
            return at_least(seconds)
        longest = max(float(longest), seconds) if isinstance(longest, float) else longest
    return longest


def _of(stream: Event[Watch], fault: FaultSpan) -> bool:
    """Say whether a stream was open at a fault and fell silent, or ended, before the next one."""
    start = fault.injected.start_ns
    last = stream.data.last_data_ns
    opened = stream.data.opened_ns
    return opened < fault.until_ns and start - SILENT_NS // 2 <= last < fault.until_ns
