"""How everything a lab makes is marked, and how what a dead owner left behind is swept away."""

from __future__ import annotations

import contextlib
import os
import time

import docker
from docker.errors import APIError, NotFound

from harness.lab import owner

PREFIX = "org.failover-harness"
LAB, OWNER, EXPIRES = f"{PREFIX}.lab", f"{PREFIX}.owner", f"{PREFIX}.expires"
NOBODY = "nobody"  # a lab kept on purpose
LIFETIME_S = 2 * 3600


def mark(lab: str, kept: bool = False) -> dict[str, str]:
    """Return the labels of a lab made by this process, now; a kept lab belongs to nobody until it expires."""
    belongs_to = NOBODY if kept else owner.mark(os.getpid())
    return {LAB: lab, OWNER: belongs_to, EXPIRES: f"{time.time() + LIFETIME_S:.6f}"}


def abandoned(labels: dict[str, str]) -> bool:
    """Say whether the owner of what carries `labels` is gone, or its time is up."""
    if time.time() > float(labels.get(EXPIRES, 0)):
        return True
    owned = labels.get(OWNER, "")
    return owned != NOBODY and not owner.lives(owned)


def sweep(
    client: docker.DockerClient,
    everything: bool = False,
    lab: str | None = None,
    made_before: float = 0,
    kept: bool = False,
) -> list[str]:
    """Remove the containers and networks of dead owners, and return their names.

    Those of one `lab` as well, or those that were made before a time, or were `kept` and are nobody's, or all.
    """
    gone = []
    wanted = {"label": f"{LAB}={lab}" if lab else LAB}

    def doomed(marks: dict[str, str]) -> bool:
        early = float(marks.get(EXPIRES, 0)) - LIFETIME_S < made_before
        left = kept and marks.get(OWNER) == NOBODY
        return everything or early or left or lab is not None or abandoned(marks)

    for container in client.containers.list(all=True, filters=wanted, ignore_removed=True):
        if doomed(container.labels):
            with contextlib.suppress(NotFound, APIError):
                container.remove(force=True, v=True)
            gone.append(container.name)
    for network in client.networks.list(filters=wanted):
        if doomed(network.attrs.get("Labels") or {}):
            with contextlib.suppress(NotFound):
                network.remove()
            gone.append(network.name)
    return gone
