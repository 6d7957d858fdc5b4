"""Deeds that have a daemon read its files anew."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from harness.agent.deeds.deed import PATIENCE_S, Done, Unproven
from harness.agent.deeds.stop import main
from harness.agent.processes import pids_of
from harness.events import Did

# What `systemctl reload` comes to in Debian's units. Load balancers start new workers beside the old, which end with
# their work; keepalived goes on as it is, and says when it is done.
SIGNALS = {"haproxy": signal.SIGUSR2, "nginx": signal.SIGHUP, "keepalived": signal.SIGHUP}
SAYS = {"keepalived": (Path("/var/log/harness/keepalived/current"), b"Reload complete")}
FILES = {"haproxy": Path("/etc/haproxy/haproxy.cfg"), "nginx": Path("/etc/nginx/nginx.conf")}
KEPT = Path("/run/harness")
MISTAKE = b"\nthis line is a mistake\n"
UNMOVED_S = 1.0  # a new worker shows after 0.1 to 0.3 s, on an idle machine


@dataclass(frozen=True)
class Reload:
    """Have a daemon read its files anew; done once it was told, proven by a new worker of it, or by its own word."""

    process: str

    def do(self) -> Done:
        if self.process in SAYS:
            return self._as_it_says(*SAYS[self.process])
        begin_ns, end_ns, number, before = _told(self.process)
        deadline = time.monotonic() + PATIENCE_S
        while not (new := set(pids_of(self.process)) - before):
            if time.monotonic() > deadline:
                raise Unproven(f"{self.process} has no new worker: its log may say what is wrong with its files")
            time.sleep(0.005)
        return Done(begin_ns, end_ns, Did(process=self.process, pids=sorted(new), signal=number.name))

    def _as_it_says(self, log: Path, word: bytes) -> Done:
        said = log.stat().st_size
        begin_ns, end_ns, number, pids = _told(self.process)
        deadline = time.monotonic() + PATIENCE_S
        while word not in log.read_bytes()[said if log.stat().st_size >= said else 0 :]:  # else it was begun anew
            if time.monotonic() > deadline:
                raise Unproven(f"{self.process} does not say that it has read its files: see its log")
            time.sleep(0.005)
        return Done(begin_ns, end_ns, Did(process=self.process, pids=sorted(pids), signal=number.name))


@dataclass(frozen=True)
class Spoil:
    """Put a mistake into a load balancer's file, and have it read that; proven where it starts no new worker."""

    process: str

    def do(self) -> Done:
        file = FILES[self.process]
        KEPT.mkdir(parents=True, exist_ok=True)
        kept = KEPT / file.name
        kept.write_bytes(file.read_bytes())
        file.write_bytes(kept.read_bytes() + MISTAKE)
        begin_ns, end_ns, number, before = _told(self.process)
        time.sleep(UNMOVED_S)
        if new := set(pids_of(self.process)) - before:
            raise Unproven(f"{self.process} took a file with a mistake in it, and started {sorted(new)}")
        return Done(begin_ns, end_ns, Did(process=self.process, pids=sorted(before), signal=number.name))


@dataclass(frozen=True)
class Mend:
    """Give a load balancer back the file that it had, and have it read that."""

    process: str

    def do(self) -> Done:
        file = FILES[self.process]
        kept = KEPT / file.name
        file.write_bytes(kept.read_bytes())
        kept.unlink()
        return Reload(self.process).do()


def _told(process: str) -> tuple[int, int, signal.Signals, set[int]]:
    """Tell a daemon to read its files anew; return when, by which signal, and what ran of it before."""
    pid, number = main(process), SIGNALS.get(process)
    if not pid or number is None:
        raise Unproven(f"the supervisor runs no {process}" if number else f"{process} reads no file anew")
    before = set(pids_of(process))
    begin_ns = time.monotonic_ns()
    os.kill(pid, number)
    return begin_ns, time.monotonic_ns(), number, before
