"""Faults of files, and of how daemons take them."""

from __future__ import annotations

from dataclasses import dataclass

from harness.agent.deeds.note import Note
from harness.agent.deeds.reload import Reload
from harness.contracts import Selector, Target
from harness.events import Effect


@dataclass(frozen=True)
class ConfigReload:
    """A load balancer, haproxy or nginx, reads its files anew, in which nothing changed; nothing is to be healed."""

    process: str
    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(reloads=(self.process,))

    def inject(self, target: Target) -> None:
        target.act(Reload(self.process))

    def heal(self, target: Target) -> None:
        target.act(Note())
