"""Which container engine serves: DOCKER_HOST, the current Docker context, or one of the harness' own."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass

import docker
from docker.context import ContextAPI
from docker.errors import DockerException

from harness.contracts import Progress
from harness.errors import EngineError
from harness.lab import embedded, labels, packages
from harness.lab.api import EMBEDDED, Client
from harness.lab.ping import TIMEOUT_S, answers

WITHOUT = "Without an engine, `harness report examples/kill-two-masters` shows a recorded campaign."


@dataclass(frozen=True)
class Found:
    """An engine that answers: where, and how it was found."""

    url: str
    origin: str

    def client(self) -> docker.DockerClient:
        return Client(self.url, self.origin)


def find(progress: Progress = lambda text: None) -> docker.DockerClient:
    """Return a client of the engine that serves, starting the embedded one where no other answers."""
    found = running()
    if found is not None:
        return found.client()
    why = require_embeddable()
    if os.environ.get("DOCKER_HOST") or os.environ.get("DOCKER_CONTEXT"):  # the user asked for another one
        progress(why)
    began = time.time()
    fresh = embedded.start(progress)
    client = Found(embedded.socket_url(), EMBEDDED).client()
    if fresh:  # whatever lab it knows from before is dead
        gone = labels.sweep(client, made_before=began)
        if gone:
            progress(f"removed what the engine before it left: {', '.join(gone)}")
    return client


def running() -> Found | None:
    """Return the engine that answers now, starting none."""
    for found in _configured():
        if answers(found.url):
            return found
    url = embedded.socket_url()
    return Found(url, EMBEDDED) if embedded.alive() and answers(url) else None


def _configured() -> list[Found]:
    if host := os.environ.get("DOCKER_HOST"):
        return [Found(host, "DOCKER_HOST")]
    name = os.environ.get("DOCKER_CONTEXT")
    try:
        context = ContextAPI.get_context(name) if name else ContextAPI.get_current_context()
    except (DockerException, OSError, ValueError) as error:
        raise EngineError(f"the Docker contexts cannot be read: {error}; mend them, or set DOCKER_HOST") from error
    if context is None:
        raise EngineError(f"DOCKER_CONTEXT names {name!r}, and there is no such context: `docker context ls`")
    return [Found(context.Host or "unix:///var/run/docker.sock", f"context {context.Name}")]


def require_embeddable() -> str:
    """Return why no configured engine serves; raise EngineError with the remedy where none of our own can start."""
    why = "; ".join(_trouble(found) for found in _configured())
    if not embedded.possible():
        raise EngineError(f"{why}. As root on Linux the harness starts an engine of its own. {WITHOUT}")
    if shutil.which("dockerd") is None:
        raise EngineError(
            f"{why}. For an engine of the harness' own dockerd is missing: {packages.command()}. {WITHOUT}"
        )
    return why


def _trouble(found: Found) -> str:
    try:
        Client(found.url, found.origin, TIMEOUT_S).close()
    except EngineError as error:
        return str(error)
    return f"the container engine answered too late ({found.origin}, {found.url})"
