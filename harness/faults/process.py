"""Faults of one daemon."""

from __future__ import annotations

from dataclasses import dataclass

from harness.agent.deeds.note import Note
from harness.agent.deeds.process import AwaitProcess, Signal
from harness.agent.deeds.stop import Stop
from harness.contracts import Selector, Target
from harness.events import Effect


@dataclass(frozen=True)
class ProcessKill:
    """Every process of a daemon gets SIGKILL at once; healing has the supervisor start it again."""

    process: str
    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(gone=(self.process,))

    def inject(self, target: Target) -> None:
        target.act(Signal(self.process, "KILL"))

    def heal(self, target: Target) -> None:
        _started(self.process, target)


@dataclass(frozen=True)
class ProcessStop:
    """A daemon is asked to end, by SIGTERM, as `systemctl stop` does; healing has the supervisor start it again."""

    process: str
    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(gone=(self.process,), graceful=True)

    def inject(self, target: Target) -> None:
        target.act(Stop(self.process))

    def heal(self, target: Target) -> None:
        _started(self.process, target)


@dataclass(frozen=True)
class ProcessHang:
    """Every process of a daemon stands still, by SIGSTOP: its kernel still accepts for it, and nothing is answered."""

    process: str
    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(hung=(self.process,))

    def inject(self, target: Target) -> None:
        target.act(Signal(self.process, "STOP"))

    def heal(self, target: Target) -> None:
        target.act(Signal(self.process, "CONT"))


def _started(process: str, target: Target) -> None:
    target.act(Note(), edge="begin")
    target.service("up", process)
    target.act(AwaitProcess(process), edge="end")
