"""What haproxy's own settings need of the machine under it, and no file of a profile brings."""

from __future__ import annotations

import contextlib
from pathlib import PurePosixPath

from harness.profile.haproxy import Section

# Two descriptors a connection, and some for listeners, checks and threads.
_BESIDE = 200


def descriptors(sections: list[Section]) -> int:
    """Return how many file descriptors haproxy asks for; 0 where it makes do with what there are."""
    needed = 0
    for section in (s for s in sections if s.kind == "global"):
        for name, each, more in (("maxconn", 2, _BESIDE), ("ulimit-n", 1, 0)):
            with contextlib.suppress(ValueError, IndexError):
                needed = max(needed, int((section.first(name) or ["0"])[0]) * each + more)
    return needed if needed > _BESIDE else 0


def folders(sections: list[Section]) -> list[str]:
    """Return the folders that a package, a unit or an administrator makes on a host before haproxy starts."""
    found = []
    for section in (s for s in sections if s.kind == "global"):
        for _, words in section.lines:
            match words:
                case ["stats", "socket", path, *_] | ["pidfile", path, *_]:
                    found.append(str(PurePosixPath(path.removeprefix("unix@")).parent))
                case ["chroot", path, *_] | ["server-state-base", path, *_]:
                    found.append(path)
    return list(dict.fromkeys(path for path in found if path.startswith("/")))
