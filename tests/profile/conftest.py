"""One bare container for what the daemons themselves say."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import docker
import pytest

from harness.lab import images, labels
from harness.lab.machine import Machine
from tests.profile.oracle import INTERFACES


@pytest.fixture(scope="session")
def bare(engine: docker.DockerClient) -> Iterator[Machine]:
    """A node without a network, but with the interfaces that the files speak of."""
    container = engine.containers.create(
        images.ensure(engine, "master", print),
        ["sleep", "1800"],
        name=f"fh-oracle-{secrets.token_hex(3)}",
        network_mode="none",
        cap_add=["NET_ADMIN", "NET_RAW"],
        labels=labels.mark("fh-oracle"),
    )
    try:
        container.start()
        node = Machine("oracle", container, "eth0")
        node.run("mkdir", "-p", "/run/haproxy")  # which haproxy's unit makes, for sockets of an operator's own
        for number, interface in enumerate(INTERFACES):
            node.run(*f"ip link add {interface} type veth peer name peer{number}".split())
            node.run("ip", "link", "set", interface, "up")
            node.run("ip", "link", "set", f"peer{number}", "up")
        yield node
    finally:
        container.remove(force=True)
