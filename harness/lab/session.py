"""A lab to play with: built once, left up, entered by hand."""

from __future__ import annotations

import shutil
import subprocess

import docker
from docker.models.containers import Container

from harness.contracts import Progress
from harness.errors import UsageError
from harness.lab import gate, labels
from harness.lab import lab as labs
from harness.lab.briefing import SEATS
from harness.lab.engine import Found
from harness.profile.folder import Profile


def up(client: docker.DockerClient, profile: Profile, progress: Progress, seats: int = 0) -> str:
    """Build a lab with so many seats, wait until it is steady, leave it up, and return its name."""
    with labs.up(client, profile, progress, keep=True) as lab:
        for _ in range(seats):
            lab.seat()
        waited = gate.await_steady(lab, within_s=60)
        progress(f"steady after {waited:.1f} s; the VIP {lab.plain.facts.vip} is on {lab.live.vip_owner}")
        return lab.name


def seat(client: docker.DockerClient) -> Container:
    """Return the machine of a seat that nobody has taken; raise UsageError where no lab that is up has one."""
    taken = {c.attrs["HostConfig"]["NetworkMode"] for c in client.containers.list(ignore_removed=True)}
    found = [
        c for c in client.containers.list(filters={"label": labels.LAB}, ignore_removed=True) if _place(c) in SEATS
    ]
    free = [c for c in found if f"container:{c.id}" not in taken]
    if not free:
        why = "every seat is taken" if found else "no lab with a seat is up"
        raise UsageError(f"{why}: `harness up --seats 2` makes one with two")
    return min(free, key=_place)


def _place(container: Container) -> str:
    return str(container.name.rsplit("-", 1)[-1])


def shell(engine: Found, node: str) -> int:
    """Open an interactive shell in a node of the newest lab; return the shell's exit code."""
    if shutil.which("docker") is None:
        raise UsageError("a shell needs the docker command: install docker.io (or docker-cli)")
    found = engine.client().containers.list(filters={"label": labels.LAB}, ignore_removed=True)
    for container in found:
        if container.name.endswith(f"-{node}"):
            return subprocess.call(["docker", "-H", engine.url, "exec", "-it", container.name, "bash"])
    names = sorted(c.name.rsplit("-", 1)[-1] for c in found)
    raise UsageError(f"no running node {node!r}: {'there are ' + ', '.join(names) if names else '`harness up` first'}")
