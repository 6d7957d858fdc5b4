"""Deeds that have a daemon read its files anew."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

from harness.agent.deeds.deed import PATIENCE_S, Done, Unproven
from harness.agent.deeds.stop import main
from harness.agent.processes import pids_of
from harness.events import Did

# What `systemctl reload` comes to in Debian's units; both start new workers beside the old, which end with their work.
SIGNALS = {"haproxy": signal.SIGUSR2, "nginx": signal.SIGHUP}


@dataclass(frozen=True)
class Reload:
    """Have a load balancer read its files anew; done once it was told, proven once a new worker runs."""

    process: str

    def do(self) -> Done:
        pid, number = main(self.process), SIGNALS.get(self.process)
        if not pid or number is None:
            why = f"the supervisor runs no {self.process}" if number else f"{self.process} reads no file anew"
            raise Unproven(why)
        before = set(pids_of(self.process))
        begin_ns = time.monotonic_ns()
        os.kill(pid, number)
        end_ns = time.monotonic_ns()
        deadline = time.monotonic() + PATIENCE_S
        while not (new := set(pids_of(self.process)) - before):
            if time.monotonic() > deadline:
                raise Unproven(f"{self.process} has no new worker: its log may say what is wrong with its files")
            time.sleep(0.005)
        return Done(begin_ns, end_ns, Did(process=self.process, pids=sorted(new), signal=number.name))
