"""Faults of one daemon."""

from __future__ import annotations

from dataclasses import dataclass

from harness.contracts import Selector, Target


@dataclass(frozen=True)
class ProcessKill:
    """Every process of a daemon gets SIGKILL at once; healing has the supervisor start it again."""

    process: str
    on: Selector

    def inject(self, target: Target, index: int) -> None:
        target.act("kill", self.process, "--signal", "KILL", "--index", str(index), "--fault", "ProcessKill")

    def heal(self, target: Target, index: int) -> None:
        target.act("note", "--index", str(index), "--fault", "ProcessKill", "--edge", "begin")
        target.service("up", self.process)
        target.act("await", self.process, "--index", str(index), "--fault", "ProcessKill", "--edge", "end")
