"""The kernel's settings that a host's sysctl files make when it boots (sysctl.d(5))."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from harness.profile.files import File

NONLOCAL = "net.ipv4.ip_nonlocal_bind"
# Those that a proxy may need to start at all, and that each machine of a lab has for itself.
TAKEN = (NONLOCAL, "net.ipv6.ip_nonlocal_bind")
_FOLDERS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")
_LAST = "/etc/sysctl.conf"
_SETTING = re.compile(r"\s*-?\s*([\w./*-]+)\s*=\s*(.*?)\s*$")


def settings(files: Iterable[File]) -> dict[str, str]:
    """Return what is set once all files are read: by their names, whatever folder they are in; sysctl.conf is last."""
    mine = {PurePosixPath(f.path).name: f for f in files if str(PurePosixPath(f.path).parent) in _FOLDERS}
    last = [f for f in files if f.path == _LAST]
    found: dict[str, str] = {}
    for file in (*(mine[name] for name in sorted(mine) if name.endswith(".conf")), *last):
        for line in file.text.splitlines():
            if line.strip()[:1] not in ("#", ";") and (said := _SETTING.match(line)):
                found[said[1].replace("/", ".")] = said[2]
    return found


def needed(files: Iterable[File]) -> dict[str, str]:
    """Return those of a host's settings that its lab's machine gets."""
    return {name: value for name, value in settings(list(files)).items() if name in TAKEN}
