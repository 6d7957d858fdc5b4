"""Whether a container engine answers at an address."""

from __future__ import annotations

import socket

import docker
from docker.errors import DockerException

TIMEOUT_S = 5


def answers(url: str) -> bool:
    """Say whether an engine answers at `url` within 5 s."""
    try:
        knock(url)
        client = docker.DockerClient(base_url=url, timeout=TIMEOUT_S, use_ssh_client=True)
    except (DockerException, OSError):
        return False
    try:
        return bool(client.ping())
    except (DockerException, OSError):
        return False
    finally:
        client.close()


def knock(url: str) -> None:
    """Try a unix socket, and raise OSError: docker-py would leave the socket of a refused connection open."""
    if url.startswith("unix://"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(TIMEOUT_S)
            sock.connect(url.removeprefix("unix://"))
