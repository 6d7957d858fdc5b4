"""Measures and outcomes as a reader says them; the same words in the terminal and in the page."""

from __future__ import annotations

from harness.verdict import Guest, Outcome

SIGN = {Outcome.PASSED: "✓", Outcome.INCONCLUSIVE: "?", Outcome.FAILED: "✗"}

FAULT_COLUMNS = {
    "VIP migration": "vip_migration_s",
    "· detection": "detection_s",
    "· election": "election_s",
    "· assignment": "assign_s",
    "· announcement": "announce_s",
    "· neighbour": "neighbour_s",
    "· first answer": "first_answer_s",
    "blackout": "blackout_s",
    "· of TCP connects": "connect_blackout_s",
    "· from healing on": "healing_blackout_s",
    "watch stall": "watch_stall_s",
    "no master": "no_master_s",
    "· seen by the client": "no_master_seen_s",
    "dual master": "dual_master_s",
    "·  seen by the client": "dual_master_seen_s",
    "failback": "failback_s",
}

ERRORS = {
    "refused": "connection refused",
    "reset": "connection reset",
    "connect_timeout": "no connection by the deadline",
    "tls": "TLS handshake not done by the deadline, or broken",
    "response_timeout": "connected, no answer by the deadline",
    "closed": "closed without an answer",
    "unreachable": "no route or no neighbour",
    "5xx": "answered with a 5xx status",
    "4xx": "answered with a 4xx status",
    "late": "answered after a second or more",
}

ENDED = {
    "": "its connection went on",
    "reset": "its connection was reset",
    "closed": "its connection was closed",
    "let go": "the guest closed its connection",
    "goaway": "its apiserver told it to go",
    "ping": "its ping of the silent connection got no answer",
    "connect_timeout": "no connection came about",
    "tls": "no TLS handshake came about",
    "refused": "its connections were refused",
    "unreachable": "no route or no neighbour",
}

BROKEN = {
    "reset": "at once",
    "stalled": "after silence",
    "outage": "silent to the last",
    "unopened": "at once, and the next in vain",
}

STREAMS = {"fresh": "a new connection each", "kept": "on connections kept open"}
LATENCIES = {"p50": "median latency, ms", "p99": "99 % within, ms", "max": "longest, ms"}


def owed_to(guest: Guest) -> list[str]:
    """Return to what a guest's darkness and its stream's silence are owed, and what ended each; the same once."""
    parts = [(guest.cause, guest.ended), (guest.stall_cause, guest.stall_ended)]
    told = [", ".join(filter(None, (cause, ENDED.get(ended or "", ended)))) for cause, ended in parts if cause]
    return list(dict.fromkeys(told))


def milliseconds(value: float | None) -> str:
    """Return milliseconds with as many digits as carry something."""
    if value is None:
        return "–"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"
