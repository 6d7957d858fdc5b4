"""When a state changed that somebody only looked at now and then."""

from __future__ import annotations

from harness.clock import Span
from harness.history import Event


def change_span(change: Event) -> Span:
    """Return when a polled state changed: after the last poll that showed the old one, by the stamp itself."""
    return Span(min(change.data.get("previous_poll_ns") or change.t_ns, change.t_ns), change.t_ns)
