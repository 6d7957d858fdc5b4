"""A scenario, as a reusable description: what is done, and what is asked of the history afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Scenario:
    """`steps` and `checks` are made from the profile's timers, so that no budget is a constant.

    `blast_radius` is how many nodes may be broken at once; `restart` whether the supervisor revives what died.
    """

    summary: str
    steps: Callable[[Any], Sequence[Any]]
    checks: Callable[[Any], Sequence[Any]]
    blast_radius: int = 1
    restart: bool = False
