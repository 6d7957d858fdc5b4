"""What the embedded engine needs of the distribution, and how it is installed."""

from __future__ import annotations

import os
import platform
import shutil
import time

from harness.contracts import Progress
from harness.errors import EngineError
from harness.lab.output import follow

NEEDED = {"dockerd": "docker.io", "iptables": "iptables", "mmdebstrap": "mmdebstrap"}


def missing() -> list[str]:
    """Return the packages whose programs are not here."""
    return [package for program, package in NEEDED.items() if shutil.which(program) is None]


def debian() -> bool:
    """Say whether apt is this system's own way to install."""
    try:
        told = platform.freedesktop_os_release()
    except OSError:
        return False
    return "debian" in [told.get("ID", ""), *told.get("ID_LIKE", "").split()]


def command() -> str:
    """Return the exact command that a user would type to install what is missing."""
    wanted = " ".join(missing() or NEEDED.values())
    if debian():
        sudo = "" if os.geteuid() == 0 else "sudo "
        return f"{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends {wanted}"
    if shutil.which("dnf"):
        return "sudo dnf install -y moby-engine iptables"
    return "install Docker Engine as https://docs.docker.com/engine/install/ tells"


def install(progress: Progress) -> None:
    """Install what is missing, saying first what; raise EngineError with the command where this cannot be done."""
    wanted = missing()
    if not wanted:
        return
    if not debian() or os.geteuid() != 0:
        raise EngineError(f"not installed: {', '.join(wanted)}. Do it yourself: {command()}")
    progress(f"no container engine answers: installing {', '.join(wanted)} with apt-get")
    # The engine is started by the harness alone: a package's own service must not start beside it.
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1", "LC_ALL": "C.UTF-8"}
    began = time.monotonic()
    for words in (["update"], ["install", "-y", "--no-install-recommends", *wanted]):
        code, said = follow(["apt-get", "-q", *words], f"apt-get {words[0]}", progress, environment=environment)
        if code:
            raise EngineError(f"apt-get {words[0]} failed:{said.last()}")
    progress(f"installed {', '.join(wanted)} in {time.monotonic() - began:.0f} s")
