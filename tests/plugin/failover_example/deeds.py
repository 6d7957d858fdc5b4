"""What happens inside a machine, where there is the standard library and harness.agent, and this module alone."""

from __future__ import annotations

import os
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from harness.agent.deeds.deed import PATIENCE_S, Done, Unproven
from harness.agent.processes import pids_of
from harness.agent.turns import hurried
from harness.events import Did


@dataclass(frozen=True)
class KillLargest:
    """Kill, of a daemon's processes, the one that the kernel would choose; none may be left."""

    process: str

    def do(self) -> Done:
        pids = pids_of(self.process)
        if not pids:
            raise Unproven(f"no process named {self.process}")
        chosen = max(pids, key=_score)
        handle = os.pidfd_open(chosen)
        hurried(chosen)
        begin = time.monotonic_ns()
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        select.select([handle], [], [], PATIENCE_S)
        end = time.monotonic_ns()
        if left := pids_of(self.process):
            raise Unproven(f"{self.process} lives on as {left}")
        return Done(begin, end, Did(process=self.process, pids=[chosen], signal="SIGKILL"))


def _score(pid: int) -> int:
    return int(Path(f"/proc/{pid}/oom_score").read_text())
