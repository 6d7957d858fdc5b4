"""Faults of what an apiserver says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.agent.deeds.answer import PROCESS, Answer
from harness.contracts import Selector, Target
from harness.events import Effect


@dataclass(frozen=True)
class HttpError:
    """The apiserver answers every new request with an error, health checks too; watches that are open stay so."""

    on: Selector
    status: Literal[500, 503] = 500

    @property
    def effect(self) -> Effect:
        return Effect(errs=(PROCESS,))

    def inject(self, target: Target) -> None:
        target.act(Answer(self.status))

    def heal(self, target: Target) -> None:
        target.act(Answer(0))
