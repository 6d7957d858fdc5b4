"""Deeds done to a daemon's processes."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.agent.deeds.deed import PATIENCE_S, Done, Unproven
from harness.agent.processes import pids_of
from harness.agent.turns import hurried
from harness.events import Did


@dataclass(frozen=True)
class Signal:
    """Send every process of a name a signal, the youngest first; done once each has ended, or stopped, or runs again.

    A child that outlives its parent by a moment is told of that: keepalived's then says goodbye with priority 0, as its
    kernel sends it a SIGTERM (PR_SET_PDEATHSIG), which no power cut and no OOM killer of both would have it do.
    """

    process: str
    name: Literal["KILL", "TERM", "STOP", "CONT"]

    def do(self) -> Done:
        handles = opened(sorted(pids_of(self.process), key=_born, reverse=True))
        number = signal.Signals[f"SIG{self.name}"]
        if not handles:
            raise Unproven(f"no process named {self.process}")
        pids = sorted(handles.values())
        for pid in pids if self.name == "KILL" else ():
            hurried(pid)
        begin = time.monotonic_ns()
        for handle in handles:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)
        if self.name in ("KILL", "TERM"):
            await_exits(handles)
        else:
            _await_state(pids, stopped=self.name == "STOP")
        return Done(begin, time.monotonic_ns(), Did(process=self.process, pids=pids, signal=number.name))


@dataclass(frozen=True)
class AwaitProcess:
    """Wait until a process of a name runs."""

    process: str

    def do(self) -> Done:
        begin = time.monotonic_ns()
        deadline = time.monotonic() + PATIENCE_S
        while not (pids := pids_of(self.process)):
            if time.monotonic() > deadline:
                raise Unproven(f"no process named {self.process} after {PATIENCE_S:.0f} s")
            time.sleep(0.001)
        return Done(begin, time.monotonic_ns(), Did(process=self.process, pids=pids))


def opened(pids: Iterable[int]) -> dict[int, int]:
    """Return pidfd → pid of those that have not ended meanwhile, as a worker does whose load balancer was reloaded."""
    found = {}
    for pid in pids:
        with suppress(ProcessLookupError):
            found[os.pidfd_open(pid)] = pid
    return found


def await_exits(handles: Mapping[int, int]) -> None:
    """Wait until every process is gone, each given as its pidfd → its pid."""
    poller, left = select.poll(), dict(handles)
    for handle in left:
        poller.register(handle, select.POLLIN)
    deadline = time.monotonic() + PATIENCE_S
    while left:
        for handle, _ in poller.poll(max(0, (deadline - time.monotonic()) * 1000)):
            poller.unregister(handle)
            del left[handle]
        if time.monotonic() > deadline and left:
            raise Unproven(f"still alive after {PATIENCE_S:.0f} s: {sorted(left.values())}")


def _await_state(pids: list[int], stopped: bool) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while any((state == "T") is not stopped for pid in pids if (state := _state(pid))):
        if time.monotonic() > deadline:
            raise Unproven(f"not {'stopped' if stopped else 'running'} after {PATIENCE_S:.0f} s: {pids}")
        time.sleep(0.0005)


def _born(pid: int) -> tuple[int, int]:
    """Return what orders processes by their age: the tick of the start, and of one tick the pid."""
    return int((_stat(pid) or ["0"] * 20)[19]), pid


def _state(pid: int) -> str:
    """Return a process' state, proc(5); "" where it has ended."""
    return (_stat(pid) or [""])[0]


def _stat(pid: int) -> list[str]:
    """Return what is told of a process from its state on, proc(5); nothing where it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return []
