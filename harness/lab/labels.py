"""How everything a lab makes is marked, and how what a dead owner left behind is swept away."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import docker
from docker.errors import APIError, NotFound

PREFIX = "org.failover-harness"
LAB, OWNER, EXPIRES = f"{PREFIX}.lab", f"{PREFIX}.owner", f"{PREFIX}.expires"
LIFETIME_S = 2 * 3600


def mark(lab: str, kept: bool = False) -> dict[str, str]:
    """Return the labels of a lab made by this process; a kept lab belongs to nobody until it expires."""
    owner = "nobody" if kept else f"{os.getpid()}:{_started(os.getpid())}"
    return {LAB: lab, OWNER: owner, EXPIRES: str(int(time.time()) + LIFETIME_S)}


def _started(pid: int) -> str | None:
    """Return a process' start time in clock ticks since boot, which no later process of that pid shares."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return None


def abandoned(labels: dict[str, str]) -> bool:
    """Say whether the owner of what carries `labels` is gone, or its time is up."""
    if time.time() > float(labels.get(EXPIRES, 0)):
        return True
    owner, _, started = labels.get(OWNER, "").partition(":")
    return owner.isdigit() and _started(int(owner)) != started


def sweep(client: docker.DockerClient, everything: bool = False, lab: str | None = None) -> list[str]:
    """Remove the containers and networks of dead owners, of one `lab`, or all; return their names."""
    gone = []
    wanted = {"label": f"{LAB}={lab}" if lab else LAB}
    for container in client.containers.list(all=True, filters=wanted, ignore_removed=True):
        if everything or lab or abandoned(container.labels):
            with contextlib.suppress(NotFound, APIError):
                container.remove(force=True, v=True)
            gone.append(container.name)
    for network in client.networks.list(filters=wanted):
        if everything or lab or abandoned(network.attrs.get("Labels") or {}):
            with contextlib.suppress(NotFound):
                network.remove()
            gone.append(network.name)
    return gone
