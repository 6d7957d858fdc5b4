"""Which daemons run on this node, and the instant each of their processes ends."""

from __future__ import annotations

import os
import time
from pathlib import Path

from harness.agent.emit import Emitter

SCAN_NS = 50_000_000
SETTLED_NS = 1_000_000_000  # a process takes its last name soon after its birth


def pids_of(name: str) -> list[int]:
    """Return the pids of the living processes whose command is named `name`."""
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and _command(int(entry)) == name[:15]]


class Processes:
    """Watches the daemons: starts are found by looking every 50 ms, ends are exact through a pidfd."""

    def __init__(self, names: list[str], emitter: Emitter) -> None:
        self._names, self._emitter = names, emitter
        self._handles: dict[int, tuple[int, str]] = {}  # pidfd → (pid, name)
        self._known: set[int] = set()
        self._passed: dict[int, int] = {}  # others' pids → until when they are looked at again
        self._last_scan_ns = 0

    def scan(self) -> list[int]:
        """Look for processes not yet known; return the pidfds that now have to be watched for reading."""
        now, fresh = time.monotonic_ns(), []
        first = self._last_scan_ns == 0
        entries = set(os.listdir("/proc"))
        for entry in entries:
            if not entry.isdigit() or int(entry) in self._known:
                continue
            pid = int(entry)
            if now > self._passed.setdefault(pid, now + SETTLED_NS):
                continue
            name = _command(pid)
            if name is None or name not in self._names:
                continue
            try:
                handle = os.pidfd_open(pid)
            except OSError:
                continue
            self._known.add(pid)
            self._handles[handle] = (pid, name)
            fresh.append(handle)
            self._emitter.emit(
                "process", now, name=name, pid=pid, alive=True, initial=first, previous_poll_ns=self._last_scan_ns
            )
        self._last_scan_ns = now
        self._passed = {pid: until for pid, until in self._passed.items() if f"{pid}" in entries}
        return fresh

    def ended(self, handle: int) -> None:
        """Record that the process behind a readable pidfd has ended, and close it."""
        now = time.monotonic_ns()
        pid, name = self._handles.pop(handle)
        self._known.discard(pid)
        os.close(handle)
        self._emitter.emit("process", now, name=name, pid=pid, alive=False, initial=False, exact=True)

    def __contains__(self, handle: int) -> bool:
        return handle in self._handles


def _command(pid: int) -> str | None:
    """Return the name of a living process' command; None where it has ended, reaped or not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    command, rest = stat[stat.index("(") + 1 :].rsplit(")", 1)
    return None if rest.split()[0] in "ZX" else command
