"""How long a haproxy's health check waits: for its connection, and then for its answer."""

from __future__ import annotations

from harness.profile.haproxy import Server


def connect_s(server: Server) -> float:
    """Return how long a check waits for a connection: `timeout connect` counts only where `timeout check` is set."""
    own_limit = server.timeout_check_s is not None
    return min(server.inter_s, server.timeout_connect_s) if own_limit else server.inter_s


def answer_s(server: Server) -> float:
    """Return how long a check that has connected waits for its answer; `inter` bounds one without `timeout check`."""
    return server.inter_s if server.timeout_check_s is None else server.timeout_check_s
