"""Checks that ask another port, or another address, than clients are sent to: what answers there no file tells."""

from __future__ import annotations

from harness.profile.haproxy import Server


def asked(server: Server) -> str:
    """Return where a server's checks connect to, if clients are sent somewhere else; "" where both are the same."""
    if not server.checked or not server.port:
        return ""
    if (server.check_address, server.check_port) == (server.address, server.port):
        return ""
    return f"{server.check_address}:{server.check_port}"


def unsaid(server: Server) -> str:
    """Return on what it depends whether such a check fails with the apiserver."""
    return f"on what answers on {asked(server)}, which the checks of {server.name} ask: no file here tells"
