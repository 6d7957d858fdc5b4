"""Servers whose state hangs on what no file tells: their checks ask elsewhere, or run a program; an agent speaks."""

from __future__ import annotations

from harness.profile.haproxy import Level, Server
from harness.profile.trust import OF_THE_SYSTEM


def asked(server: Server) -> str:
    """Return where a server's checks connect to, if clients are sent somewhere else; "" where both are the same."""
    if not server.checked or not server.port or server.check_level is Level.PROGRAM:
        return ""
    if (server.check_address, server.check_port) == (server.address, server.port):
        return ""
    return f"{server.check_address}:{server.check_port}"


def untold(server: Server) -> str:
    """Return what decides whether a server is taken out that no file tells; "" where the files tell all of it."""
    if server.agent:
        return f"what the agent of {server.name} says"
    if server.checked and server.check_level is Level.PROGRAM:
        return f"what the program says that checks {server.name}"
    if server.checked and server.check_tls and server.verify == "required" and server.ca_file.startswith(OF_THE_SYSTEM):
        return f"whether the system's own authorities certify what {server.name} shows"
    if server.checked and server.check_several:
        return f"what answers at each place that the checks of {server.name} connect to"
    return f"what answers on {asked(server)}, which the checks of {server.name} ask" if asked(server) else ""


def unsaid(server: Server) -> str:
    """Return on what it depends whether such a server is taken out with its apiserver."""
    return f"on {untold(server)}: no file here tells"
