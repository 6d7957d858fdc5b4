"""How many file descriptors a node may have: as many as systemd gives a service, or all that this engine can give."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import docker
from docker.errors import APIError
from docker.types import Ulimit

from harness.lab.running import output

SYSTEMD = 524_288  # its DefaultLimitNOFILE


@dataclass(frozen=True)
class Granted:
    """The number, and what containers are created with to have it."""

    number: int
    limits: list[Ulimit]


_KNOWN: dict[str, Granted] = {}  # by the engine's address


def granted(client: docker.DockerClient, image: str, marks: dict[str, str]) -> Granted:
    """Return what this engine gives; found out once, with a container that comes and goes."""
    address = client.api.base_url
    if address not in _KNOWN:
        limits = [Ulimit(name="nofile", soft=SYSTEMD, hard=SYSTEMD)]
        # An engine that may not raise its own limit cannot give a container more than it has.
        found = _tried(client, image, marks, limits) or _tried(client, image, marks, [])
        assert found is not None  # without a wish there is nothing to refuse
        _KNOWN[address] = found
    return _KNOWN[address]


def _tried(client: docker.DockerClient, image: str, marks: dict[str, str], limits: list[Ulimit]) -> Granted | None:
    container = client.containers.create(
        image,
        ["sleep", "60"],
        name=f"fh-descriptors-{secrets.token_hex(3)}",
        network_mode="none",
        ulimits=limits,
        labels=marks,
    )
    try:
        container.start()
        _, said = output(container, "sh", "-c", "ulimit -Hn")
        return Granted(int(said) if said.strip().isdigit() else SYSTEMD, limits)
    except APIError as error:
        if limits and "rlimit" in str(error.explanation):
            return None
        raise
    finally:
        container.remove(force=True)
