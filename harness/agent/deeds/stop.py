"""Deeds that ask daemons to end, as an administrator does, or a node that is shut down."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.agent.deeds.deed import Done, Unproven
from harness.agent.deeds.link import CutOff
from harness.agent.deeds.process import await_exits, opened
from harness.agent.processes import pids_of
from harness.events import Did

SERVICES = Path("/etc/sv")
# None of Debian's units for these orders itself after another of them, so that systemd stops them all at once.
DAEMONS = ("keepalived", "haproxy", "nginx", "kube-apiserver", "etcd")


@dataclass(frozen=True)
class Stop:
    """Ask a daemon to end, by SIGTERM to its main process; done once that was sent, proven once nothing of it is left.

    Its supervisor is told before not to start it again.
    """

    process: str

    def do(self) -> Done:
        if not (pid := main(self.process)):
            raise Unproven(f"the supervisor runs no {self.process}")
        begin_ns, end_ns, pids = _asked({self.process: pid})
        return Done(begin_ns, end_ns, Did(process=self.process, pids=pids, signal="SIGTERM"))


@dataclass(frozen=True)
class ShutDown:
    """Ask every daemon of the chain to end, at once; done once asked. Once all have ended, the interface is down."""

    interface: str

    def do(self) -> Done:
        begin_ns, end_ns, pids = _asked({name: pid for name in DAEMONS if (pid := main(name))})
        CutOff(self.interface).do()
        return Done(begin_ns, end_ns, Did(pids=pids, signal="SIGTERM", interface=self.interface, up=False))


def main(process: str) -> int:
    """Return the pid of the process that a service's supervisor looks after; 0 where it runs none."""
    with suppress(OSError):
        return int((SERVICES / process / "supervise" / "pid").read_text() or 0)
    return 0


def _asked(mains: dict[str, int]) -> tuple[int, int, list[int]]:
    """Send SIGTERM and wait until nothing is left; return stamps before and after it was sent, and who there was."""
    handles = opened(sorted(pid for name in mains for pid in pids_of(name)))
    for name in mains:
        _told(name, b"o")
    begin_ns = time.monotonic_ns()
    for pid in mains.values():
        os.kill(pid, signal.SIGTERM)
    end_ns = time.monotonic_ns()
    await_exits(handles)
    return begin_ns, end_ns, list(handles.values())


def _told(service: str, word: bytes) -> None:
    """Give a service's supervisor a word: `o` is to run it once, and not to start it again (runsv(8))."""
    control = os.open(SERVICES / service / "supervise" / "control", os.O_WRONLY | os.O_NONBLOCK)
    try:
        os.write(control, word)
    finally:
        os.close(control)
