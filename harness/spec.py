"""A scenario, as a reusable description: what is done, and what is asked of the history afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from harness.contracts import Times
from harness.history import History
from harness.steps import Step
from harness.verdict import Finding, Verdict

Group = Literal["process", "node", "network", "resource", "configuration", "maintenance"]


class Check(Protocol):
    """A question about one trial; `measures` are harness.analysis.measure.Measures."""

    def findings(self, history: History, measures: Any) -> Iterable[Finding]: ...


@dataclass(frozen=True)
class Scenario:
    """`steps` and `checks` are made from the profile's timers, so that no budget is a constant.

    `blast_radius` is how many nodes may be broken at once; `restart` whether the supervisor revives what died; `group`
    is what is broken, for who looks for it.
    """

    summary: str
    steps: Callable[[Times], Sequence[Step]]
    checks: Callable[[Times], Sequence[Check]]
    blast_radius: int = 1
    restart: bool = False
    group: Group | Literal[""] = ""
    file: str = ""  # where it was found


Play = Callable[[Scenario], Verdict]  # what the fixture `trial` is: it fails unless the verdict is passed
