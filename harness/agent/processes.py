"""Which daemons run on this node, and the instant each of their processes ends."""

from __future__ import annotations

import os
import time
from pathlib import Path

from harness.agent.emit import Emitter
from harness.events import Process, Turns

SCAN_NS = 50_000_000
SETTLED_NS = 10_000_000_000  # a process takes its last name soon after its birth, but not on a busy machine


def pids_of(name: str) -> list[int]:
    """Return the pids of the living processes whose command is named `name`."""
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and _command(int(entry)) == name[:15]]


class Processes:
    """Watches the daemons: starts are found by looking every 50 ms, ends are exact through a pidfd."""

    def __init__(self, names: list[str], emitter: Emitter) -> None:
        self._names, self._emitter = names, emitter
        self._handles: dict[int, tuple[int, str]] = {}  # pidfd → (pid, name)
        self._young: dict[int, int] = {}  # pid → until when it may take one of the names
        self._load = os.open("/proc/loadavg", os.O_RDONLY | os.O_CLOEXEC)
        self._newest: int | None = None
        self._last_scan_ns = 0

    def scan(self) -> list[int]:
        """Look at the processes born lately; return the pidfds that now have to be watched for reading."""
        now, fresh = time.monotonic_ns(), []
        first = self._last_scan_ns == 0
        born = self._born()
        self._young |= dict.fromkeys(born, now + SETTLED_NS)
        for pid in list(self._young):
            name = _command(pid)
            # A pid is given away a moment before /proc shows whom it went to.
            if now > self._young[pid] or (name is None and pid not in born):
                del self._young[pid]
            if name not in self._names:
                continue
            self._young.pop(pid, None)
            try:
                handle = os.pidfd_open(pid)
            except OSError:  # ended, or a thread
                continue
            self._handles[handle] = (pid, name)
            fresh.append(handle)
            found = Process(name=name, pid=pid, alive=True, initial=first, previous_poll_ns=self._last_scan_ns)
            self._emitter.emit(found, now)
        self._last_scan_ns = now
        return fresh

    def _born(self) -> set[int]:
        """Return the pids given away since the last time: all there are at first, and when they begin anew."""
        newest = int(os.pread(self._load, 128, 0).split()[-1])  # the last field: the namespace's last pid
        before, self._newest = self._newest, newest
        if before is None or newest < before:
            return {int(entry) for entry in os.listdir("/proc") if entry.isdigit()} - {
                pid for pid, _ in self._handles.values()
            }
        return set(range(before + 1, newest + 1))

    def ended(self, handle: int) -> None:
        """Record that the process behind a readable pidfd has ended, and close it."""
        now = time.monotonic_ns()
        pid, name = self._handles.pop(handle)
        os.close(handle)
        self._emitter.emit(Process(name=name, pid=pid, alive=False, initial=False, exact=True), now)

    @property
    def living(self) -> dict[int, str]:
        """Return the names of the processes that live, by their pids."""
        return dict(self._handles.values())

    def turns(self) -> Turns:
        """Return for how long the threads of each daemon that lives have run, and have waited for a processor."""
        ran, waited = dict.fromkeys(self.living.values(), 0), dict.fromkeys(self.living.values(), 0)
        for pid, name in self.living.items():
            for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                ran_ns, waited_ns = _schedstat(path)
                ran[name] += ran_ns
                waited[name] += waited_ns
        return Turns(ran_ns=ran, waited_ns=waited)

    def __contains__(self, handle: int) -> bool:
        return handle in self._handles


def _schedstat(path: Path) -> tuple[int, int]:
    """Return a thread's time on a processor and on a run queue (sched-stats.rst); nothing of one that has ended."""
    try:
        ran, waited, _ = map(int, path.read_text().split())
    except (OSError, ValueError):
        return 0, 0
    return ran, waited


def _command(pid: int) -> str | None:
    """Return the name of a living process' command; None where it has ended, reaped or not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    command, rest = stat[stat.index("(") + 1 :].rsplit(")", 1)
    return None if rest.split()[0] in "ZX" else command
