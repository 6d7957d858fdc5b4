"""Whether a container engine answers at an address."""

from __future__ import annotations

import socket

import docker
from docker.errors import DockerException

TIMEOUT_S = 5


def answers(url: str) -> bool:
    """Say whether an engine answers at `url` within 5 s."""
    if not _listening(url):
        return False
    try:
        client = docker.DockerClient(base_url=url, timeout=TIMEOUT_S, use_ssh_client=True)
    except (DockerException, OSError):
        return False
    try:
        return bool(client.ping())
    except (DockerException, OSError):
        return False
    finally:
        client.close()


def _listening(url: str) -> bool:
    """Knock at a unix socket ourselves: docker-py leaves the socket of a refused connection open."""
    if not url.startswith("unix://"):
        return True
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        try:
            knock.connect(url.removeprefix("unix://"))
        except OSError:
            return False
    return True
