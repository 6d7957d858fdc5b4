"""Which container engine serves: DOCKER_HOST, the current Docker context, or one of the harness' own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass

import docker
from docker.context import ContextAPI

from harness.errors import EngineError
from harness.lab import embedded, packages
from harness.lab.ping import answers

Progress = Callable[[str], None]
CALL_TIMEOUT_S = 120  # the longest single call: a commit of a large image layer on a slow disk
WITHOUT = "Without an engine, `harness report examples/kill-two-masters` shows a recorded campaign."


@dataclass(frozen=True)
class Found:
    """An engine that answers: where, and how it was found."""

    url: str
    origin: str

    def client(self) -> docker.DockerClient:
        return docker.DockerClient(base_url=self.url, timeout=CALL_TIMEOUT_S, use_ssh_client=True)


def find(progress: Progress = lambda text: None) -> docker.DockerClient:
    """Return a client of the engine that serves, starting the embedded one where no other answers."""
    found = running()
    if found is None:
        require_embeddable()
        found = Found(embedded.start(progress), "embedded")
    return found.client()


def running() -> Found | None:
    """Return the engine that answers now, starting none."""
    for found in _configured():
        if answers(found.url):
            return found
    url = embedded.socket_url()
    return Found(url, "embedded") if embedded.alive() and answers(url) else None


def _configured() -> list[Found]:
    if host := os.environ.get("DOCKER_HOST"):
        return [Found(host, "DOCKER_HOST")]
    name = os.environ.get("DOCKER_CONTEXT")
    context = ContextAPI.get_context(name) if name else ContextAPI.get_current_context()
    if context is None:
        raise EngineError(f"DOCKER_CONTEXT names {name!r}, and there is no such context: `docker context ls`")
    return [Found(context.Host or "unix:///var/run/docker.sock", f"context {context.Name}")]


def require_embeddable() -> None:
    """Raise EngineError with the remedy where no engine of our own can be started."""
    asked = ", ".join(f"{f.origin} ({f.url})" for f in _configured())
    if not embedded.possible():
        raise EngineError(
            f"no container engine answers at {asked}. Start Docker or set DOCKER_HOST; "
            f"as root on Linux the harness starts an engine of its own. {WITHOUT}"
        )
    if shutil.which("dockerd") is None:
        raise EngineError(
            f"no container engine answers at {asked}, and dockerd is not installed: {packages.command()}. {WITHOUT}"
        )
