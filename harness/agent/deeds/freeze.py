"""Deeds done to all of a node at once: it stands still, and goes on from where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.agent.deeds import frames
from harness.agent.deeds.deed import PATIENCE_S, Done, Unproven
from harness.events import Did

OURS = ("agent-node", "agent-wire", "expiry")  # services that go on: they measure, and end a lab whose time is up
_STOPPED, _OVER = frozenset("tT"), frozenset("XZ")  # states of a thread, proc(5)

Table = Mapping[int, tuple[int, str]]  # pid → (its parent's, what was called)


@dataclass(frozen=True)
class Freeze:
    """Let no frame in or out, then stop what runs; done once every thread stands still.

    The kernel goes on, unheard. That it ages no neighbour meanwhile matters: asking for one that it had forgotten, it
    would be the first to tell others, when frames pass again, whose an address is.
    """

    def do(self) -> Done:
        begin = time.monotonic_ns()
        frames.drop()
        pids = _signalled(signal.SIGSTOP)
        end = time.monotonic_ns()
        _age("nud reachable nud stale nud delay nud probe", "permanent")
        return Done(begin, end, Did(pids=pids, signal="SIGSTOP"))


@dataclass(frozen=True)
class Thaw:
    """Let frames pass, then have everything go on that stands still; it is told of neither."""

    def do(self) -> Done:
        _age("nud permanent", "reachable")
        begin = time.monotonic_ns()
        frames.let()
        pids = _signalled(signal.SIGCONT)
        end = time.monotonic_ns()
        return Done(begin, end, Did(pids=pids, signal="SIGCONT"))


def of_the_node(table: Table) -> list[int]:
    """Return what a node of its own would run: all but init, the supervisor, our services, and what the engine runs."""
    return sorted(pid for pid, (_, called) in table.items() if called != "runsvdir" and not _ours(pid, table))


def _ours(pid: int, table: Table) -> bool:
    if pid == 1:
        return True
    while pid in table:
        parent, called = table[pid]
        if parent == 0 or called in OURS:
            return True
        pid = parent if parent != 1 else 0
    return False


def _table() -> Table:
    """Return the processes there are; of the supervisor's own only what they supervise tells them apart."""
    found: dict[int, tuple[int, str]] = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):  # it has ended
            called, rest = Path(f"/proc/{entry}/stat").read_text().split("(", 1)[1].rsplit(")", 1)
            if called == "runsv":
                called = Path(f"/proc/{entry}/cmdline").read_text().split("\0")[1]
            found[int(entry)] = int(rest.split()[1]), called
    return found


def _signalled(number: signal.Signals) -> list[int]:
    """Send all a signal, and what they have started meanwhile, until each has done what it says; return their pids."""
    told: set[int] = set()
    deadline = time.monotonic() + PATIENCE_S
    while left := [pid for pid in of_the_node(_table()) if _awaited(pid, number)]:
        if time.monotonic() > deadline:
            raise Unproven(f"{number.name} has not come about after {PATIENCE_S:.0f} s: {left}")
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        told.update(left)
    return sorted(told)


def _awaited(pid: int, number: signal.Signals) -> bool:
    """Say whether a thread of a process still runs, or still stands still."""
    states = set(_states(pid)) - _OVER
    return bool(states - _STOPPED) if number is signal.SIGSTOP else bool(states & _STOPPED)


def _states(pid: int) -> Iterable[str]:
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError):
                yield Path(f"/proc/{pid}/task/{thread}/stat").read_text().rsplit(")", 1)[1].split()[0]


def _age(which: str, state: str) -> None:
    """Give the kernel's neighbours that are in some states another."""
    said = subprocess.run(["ip", "-j", "neigh", "show", *which.split()], capture_output=True, text=True).stdout
    known = [n for n in json.loads(said or "[]") if "lladdr" in n]
    frames.batch("ip", [f"neigh change {n['dst']} dev {n['dev']} lladdr {n['lladdr']} nud {state}" for n in known])
