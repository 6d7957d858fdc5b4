"""When a state changed that somebody only looked at now and then."""

from __future__ import annotations

from harness.clock import Span
from harness.events import HaproxyCheck, HaproxyServer
from harness.history import Event


def change_span(change: Event[HaproxyServer] | Event[HaproxyCheck]) -> Span:
    """Return when a polled state changed: after the last poll that showed the old one, by the stamp itself."""
    return Span(min(change.data.previous_poll_ns or change.t_ns, change.t_ns), change.t_ns)
