"""Faults of what etcd takes."""

from __future__ import annotations

from dataclasses import dataclass

from harness.agent.deeds.space import PROCESS, Exhaust, Relieve
from harness.contracts import Selector, Target
from harness.events import Effect


@dataclass(frozen=True)
class EtcdSpace:
    """etcd is over its quota, and has its NOSPACE alarm: no member takes a write any more, all are read as before."""

    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(errs=(PROCESS,), to="writing")

    def inject(self, target: Target) -> None:
        target.act(Exhaust())

    def heal(self, target: Target) -> None:
        target.act(Relieve())
