"""How an agent writes down what it saw: one JSON line an event, numbered, on the containers' monotonic clock."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

from harness.agent.pressure import stalled_us
from harness.events import Bracket, Fact

EVENTS = Path("/var/lib/harness/events")
FACTS = Path("/etc/harness/node.json")
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False, default=vars).encode


def facts(path: Path = FACTS) -> dict[str, Any]:
    """Return what the lab told this node about itself."""
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


class Emitter:
    """Appends events to this agent's file; safe to call from several threads.

    Each is there at once unless `many`: hundreds a second, that nobody reads before the end, leave in large pieces.
    """

    def __init__(self, node: str, agent: str, folder: Path = EVENTS, many: bool = False) -> None:
        self.node, self.agent, self.seq = node, agent, 0
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / f"{agent}.jsonl").open("a", buffering=1 << 16 if many else 1)
        self._lock = threading.Lock()

    def emit(self, fact: Fact, t_ns: int | None = None) -> None:
        """Write one event; `t_ns` is now unless given."""
        stamp = time.monotonic_ns() if t_ns is None else t_ns
        with self._lock:
            event = {
                "t_ns": stamp,
                "node": self.node,
                "agent": self.agent,
                "seq": self.seq,
                "kind": fact.kind,
                "data": vars(fact),
            }
            self.seq += 1
            self._file.write(_encode(event) + "\n")

    def close(self) -> None:
        self._file.close()

    def bracket(self, edge: type[Bracket]) -> None:
        """Write AgentStart or AgentStop: what proves that this agent shares the one clock."""
        before = time.monotonic_ns()
        real = time.clock_gettime_ns(time.CLOCK_REALTIME)
        after = time.monotonic_ns()
        told = edge(
            pid=os.getpid(),
            boot_id=Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
            time_namespace=os.stat("/proc/self/ns/time").st_ino,
            realtime_offset_ns=real - (before + after) // 2,
            offset_width_ns=after - before,
            init_started_ns=_init_started_ns(),
            steal_ticks=_steal_ticks(),
            stalled_us=stalled_us(),
            ticks_per_s=os.sysconf("SC_CLK_TCK"),
            cpus=os.cpu_count() or 1,
        )
        self.emit(told)
        self._file.flush()


def _init_started_ns() -> int:
    """Return when this container's init was started, on CLOCK_MONOTONIC, rounded down to the kernel's 10 ms tick."""
    ticks = int(Path("/proc/1/stat").read_text().rsplit(")", 1)[1].split()[19])
    since_boot = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns()
    return ticks * (1_000_000_000 // os.sysconf("SC_CLK_TCK")) - since_boot


def _steal_ticks() -> int:
    """Return how long this machine's processors have served others, in clock ticks summed over all of them."""
    return int(Path("/proc/stat").read_text().split("\n", 1)[0].split()[8])
