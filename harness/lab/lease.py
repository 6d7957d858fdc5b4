"""A lab lives as long as somebody holds it: an open stream into each container, at whose end its init ends too."""

from __future__ import annotations

from docker.models.containers import Container

from harness.lab.running import Running

# The engine closes this command's input when its client is gone, whatever ended that client.
_UNTIL_LET_GO = ["sh", "-c", "cat >/dev/null; kill -HUP 1"]


def hold(container: Container) -> Running:
    """Hold a container; closing what this returns, or this process' death, ends it."""
    return Running(container, _UNTIL_LET_GO, stdin=True)
