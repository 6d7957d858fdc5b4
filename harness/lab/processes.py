"""The processes of the embedded engine: told by the folder that they work in, so that nobody else's is ever ended."""

from __future__ import annotations

import os
import re
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

PROGRAMS = ("dockerd", "containerd", "runc", "docker-proxy")  # containerd-shim-runc-v2 too
_CONTAINER = re.compile(r"\b[0-9a-f]{64}\b")


def dockerd(home: Path) -> int | None:
    """Return the pid of the dockerd whose data lie in `home`; None where none runs."""
    data = f"--data-root={home / 'data'}"
    for pid in _all():
        words = _words(pid)
        if data in words and Path(words[0]).name == "dockerd" and _sees(pid, home):
            return pid
    return None


def end(home: Path, patience_s: float) -> bool:
    """Kill whatever of the engine in `home` still runs, its containers too; say whether all is gone in time."""
    deadline = time.monotonic() + patience_s
    while left := [pid for pid in _all() if _belongs(pid, home)]:
        if time.monotonic() > deadline:
            return False
        for pid in left:
            _kill(pid, home)
    return True


def _kill(pid: int, home: Path) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if _belongs(pid, home):  # asked again now that the pid can be nobody else's
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            select.select([handle], [], [], 1)
    except ProcessLookupError:
        pass
    finally:
        os.close(handle)


def _belongs(pid: int, home: Path) -> bool:
    """Say whether a process is an engine's program at work in `home`, or runs in one of its containers."""
    words = _words(pid)
    if not words:
        return False  # a thread of the kernel, or dead and not yet buried
    if Path(words[0]).name.startswith(PROGRAMS) and any(_within(word, home) for word in words[1:]):
        return _sees(pid, home)
    try:
        groups = Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:
        return False
    return any((home / "data/containers" / name).is_dir() for name in _CONTAINER.findall(groups))


def _within(word: str, home: Path) -> bool:
    path = Path(os.path.normpath(word.rpartition("=")[2]))
    return path.is_relative_to(home / "data") or path.is_relative_to(home / "exec")


def _sees(pid: int, home: Path) -> bool:
    """Say whether `home` is the same folder to a process: in a container of another engine it is not."""
    try:
        return os.path.samefile(f"/proc/{pid}/root{home}", home)
    except OSError:
        return False


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def _all() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").glob("[0-9]*"))
