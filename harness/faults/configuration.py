"""Faults of files, and of how daemons take them."""

from __future__ import annotations

from dataclasses import dataclass

from harness.agent.deeds.note import Note
from harness.agent.deeds.reload import Mend, Reload, Spoil
from harness.contracts import Selector, Target
from harness.events import Effect


@dataclass(frozen=True)
class ConfigReload:
    """A daemon, haproxy, nginx or keepalived, reads its files anew, unchanged; nothing is to be healed."""

    process: str
    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(reloads=(self.process,))

    def inject(self, target: Target) -> None:
        target.act(Reload(self.process))

    def heal(self, target: Target) -> None:
        target.act(Note())


@dataclass(frozen=True)
class ConfigBreak:
    """A load balancer, haproxy or nginx, is told to read a file with a mistake in it; healing mends and reloads it."""

    process: str
    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(reloads=(self.process,))

    def inject(self, target: Target) -> None:
        target.act(Spoil(self.process))

    def heal(self, target: Target) -> None:
        target.act(Mend(self.process))
