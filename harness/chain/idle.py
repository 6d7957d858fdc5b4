"""How long haproxy lets a session be idle (its manual, 4.2, `timeout client`, `timeout server`, `timeout tunnel`)."""

from __future__ import annotations

from math import inf

from harness.profile.haproxy import Server


def session(server: Server, timeout_client_s: float) -> tuple[float, str]:
    """Return for how long, and by which timeout; infinite where none is set.

    What is sent to one side counts for the other, too, so that the shorter of both ends it; in mode tcp a tunnel's
    takes the place of both.
    """
    if server.mode == "tcp" and server.timeout_tunnel_s is not None:
        return server.timeout_tunnel_s, "timeout tunnel"
    if timeout_client_s < server.timeout_server_s:
        return timeout_client_s, "timeout client"
    return server.timeout_server_s, "no timeout that is set" if server.timeout_server_s == inf else "timeout server"
