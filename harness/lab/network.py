"""A lab's own bridge: no host address, no way out, VRRP multicast passes.

The engine gives its containers addresses of its own choice; each takes on the profile's names and addresses at boot. So
an operator's own subnet conflicts with nothing, and several labs may have the same.
"""

from __future__ import annotations

import ipaddress
import random

import docker
from docker.errors import APIError
from docker.models.networks import Network
from docker.types import IPAMConfig, IPAMPool

from harness.errors import LabError

RANGE = ipaddress.IPv4Network("198.18.0.0/15")  # RFC 2544: set aside for laboratories


def create(client: docker.DockerClient, name: str, labels: dict[str, str]) -> tuple[Network, ipaddress.IPv4Network]:
    """Make a network on a /24 that no other network of the engine has, and return both."""
    taken = {
        ipaddress.ip_network(pool["Subnet"])
        for network in client.networks.list()
        for pool in (network.attrs["IPAM"].get("Config") or [])
        if pool.get("Subnet")
    }
    free = [s for s in RANGE.subnets(new_prefix=24) if not any(s.overlaps(t) for t in taken if t.version == 4)]
    for subnet in random.sample(free, k=min(5, len(free))):
        try:
            return _make(client, name, labels, subnet), subnet
        except APIError as error:
            # Another lab may have taken it since we looked.
            if "overlaps" not in str(error):
                raise LabError(f"the engine refused the lab's network: {error.explanation}") from error
    raise LabError(f"no free /24 left in {RANGE}; `harness clean --all` removes what earlier labs left")


def _make(client: docker.DockerClient, name: str, labels: dict[str, str], subnet: ipaddress.IPv4Network) -> Network:
    return client.networks.create(
        name,
        driver="bridge",
        ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet), gateway=str(subnet[254]))]),
        labels=labels,
        options={
            # Not `internal`: its isolation rule drops VRRP multicast and every node becomes MASTER.
            "com.docker.network.bridge.inhibit_ipv4": "true",
            "com.docker.network.bridge.enable_ip_masquerade": "false",
        },
    )
