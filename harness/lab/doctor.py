"""What this machine and its engine offer, each shortcoming with its remedy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import docker
from docker.errors import ImageNotFound

from harness import disk
from harness.agent.deeds.frames import dropping
from harness.errors import EngineError
from harness.lab import embedded, engine, images, labels, packages
from harness.lab.running import output


class Grade(StrEnum):
    """A problem keeps labs from running; a note does not."""

    GOOD = "good"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Examined:
    """One thing that was looked at."""

    grade: Grade
    what: str
    found: str
    remedy: str = ""


# What a lab asks of the kernel beyond what an engine needs itself: each with a command that only succeeds where it is
# there, and who goes without.
KERNEL = {
    "macvlan": (
        "ip link add v0 type veth peer name v1 && ip link add link v0 name m0 type macvlan mode bridge",
        "a profile whose files speak of more than one interface needs it",
    ),
    "dropping frames": (
        " && ".join(f"tc {line}" for line in dropping("lo")),
        "NodeFreeze needs it: sch_clsact and cls_bpf",
    ),
}


def examine() -> list[Examined]:
    """Look at everything; start nothing that was not running."""
    found = list(_system())
    running = engine.running()
    if running is None:
        return [*found, _no_engine()]
    client = running.client()
    version, info = client.version(), client.info()
    told = f"{version['Version']} ({running.origin}, {running.url})"
    found.append(Examined(Grade.GOOD, "engine", told))
    found.append(Examined(Grade.GOOD, "kernel", f"{version['KernelVersion']}, storage {info['Driver']}"))
    found.append(_cgroup(info))
    found += [_registry(client), *_kernel(client), _leftovers(client)]
    return found


def _system() -> Iterator[Examined]:
    yield Examined(Grade.GOOD if embedded.possible() else Grade.NOTE, "root on Linux", _yes(embedded.possible()))
    missing = packages.missing()
    if missing:
        yield Examined(
            Grade.NOTE, "packages for an engine of our own", f"missing {', '.join(missing)}", packages.command()
        )
    home = embedded.folder()
    disk.folder(home)
    free = shutil.disk_usage(home).free
    low = free < embedded.LEAST_FREE
    remedy = "free some; images and labs need 2 GiB" if low else ""
    yield Examined(Grade.PROBLEM if low else Grade.GOOD, "disk", f"{free >> 30} GiB free at {home}", remedy)


def _no_engine() -> Examined:
    try:
        engine.require_embeddable()
    except EngineError as error:
        return Examined(Grade.PROBLEM, "engine", "none answers", str(error))
    return Examined(Grade.GOOD, "engine", "none answers; the harness will start its own", "`harness engine start`")


def _cgroup(info: dict[str, object]) -> Examined:
    return Examined(Grade.GOOD, "cgroup", f"version {info.get('CgroupVersion', '1')}")


def _registry(client: docker.DockerClient) -> Examined:
    try:
        client.api.inspect_distribution(images.BASE)
    except EngineError:
        how = "bases are made with mmdebstrap" if shutil.which("mmdebstrap") else "apt-get install mmdebstrap"
        return Examined(Grade.NOTE, "registry", "none answers", how)
    return Examined(Grade.GOOD, "registry", f"gives {images.BASE}")


def _kernel(client: docker.DockerClient) -> Iterator[Examined]:
    try:
        image = client.images.get(images.tag("master"))
    except ImageNotFound:
        yield Examined(
            Grade.NOTE, "kernel capabilities", "not looked at", "they need the node image: `harness up` builds it"
        )
        return
    marks = labels.mark("fh-doctor")
    container = client.containers.create(
        image, ["sleep", "60"], network_mode="none", cap_add=["NET_ADMIN"], labels=marks
    )
    try:
        container.start()
        for what, (command, lacking) in KERNEL.items():
            code, _ = output(container, "sh", "-c", command)
            yield Examined(Grade.NOTE if code else Grade.GOOD, what, _yes(code == 0), lacking if code else "")
    finally:
        container.remove(force=True)


def _leftovers(client: docker.DockerClient) -> Examined:
    found = client.containers.list(all=True, filters={"label": labels.LAB}, ignore_removed=True)
    left = sorted({c.labels[labels.LAB] for c in found if labels.abandoned(c.labels)})
    alive = sorted({c.labels[labels.LAB] for c in found} - set(left))
    told = f"running {', '.join(alive) or 'none'}, left behind {', '.join(left) or 'none'}"
    return Examined(Grade.NOTE if left else Grade.GOOD, "labs", told, "`harness clean`" if left else "")


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"
