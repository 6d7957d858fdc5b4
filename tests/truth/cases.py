"""What was done in a truth lab, and what was recorded meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.history import History

LENGTHS_MS = (50, 200, 500, 2000)
REPEATS = 4


@dataclass
class Case:
    """What was done: its kind, the stamps that its own program printed, and the window around it."""

    kind: str
    length_ms: int
    told: dict[str, Any]
    start_ns: int
    end_ns: int

    @property
    def truth_ns(self) -> tuple[int, int]:
        """Return the least and the greatest length that the program's own stamps allow."""
        return self.told["off"][0] - self.told["on"][1], self.told["off"][1] - self.told["on"][0]


@dataclass
class Truth:
    """Everything that was done, and what the harness recorded meanwhile."""

    cases: list[Case] = field(default_factory=list)
    history: History = field(default_factory=lambda: History([]))

    def of(self, kind: str) -> list[Case]:
        return [case for case in self.cases if case.kind == kind]
