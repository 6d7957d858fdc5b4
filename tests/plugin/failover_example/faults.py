"""A fault: whom it hits, what that means for the chain, what is done, and what undoes it."""

from __future__ import annotations

from dataclasses import dataclass

from failover_example.deeds import KillLargest
from harness.agent.deeds.note import Note
from harness.agent.deeds.process import AwaitProcess
from harness.contracts import Selector, Target
from harness.events import Effect


@dataclass(frozen=True)
class OutOfMemory:
    """The kernel runs out of memory and kills a daemon of one process; healing has the supervisor start it again."""

    process: str
    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(gone=(self.process,))

    def inject(self, target: Target) -> None:
        target.act(KillLargest(self.process))

    def heal(self, target: Target) -> None:
        target.act(Note(), edge="begin")
        target.service("up", self.process)
        target.act(AwaitProcess(self.process), edge="end")
