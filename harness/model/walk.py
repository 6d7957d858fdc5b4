"""A scenario's steps walked in thought: which node each fault hits as things then stand, and what is expected of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from harness.contracts import Fault
from harness.model.failure import Standing, of_fault
from harness.model.foresight import Foresight, foresee
from harness.model.vrrp import Router
from harness.steps import Heal, Inject


@dataclasses.dataclass(frozen=True)
class Foreseen:
    """A fault of a scenario and where it hits; `foresight` None where the model does not know such a fault."""

    fault: str
    node: str
    foresight: Foresight | None


def at_rest(router: Router) -> Standing:
    """Return how things stand while nothing is broken."""
    return Standing(router.home, tuple(router.nodes))


def walk(router: Router, steps: Sequence[Any]) -> list[Foreseen]:
    """Return what is expected of every fault of a scenario, each in the situation that those before it have left."""
    found: list[Foreseen] = []
    standing, unhealed = at_rest(router), 0
    for step in steps:
        if isinstance(step, Inject):
            name, process = named(step.fault)
            node = step.fault.on.pick(standing)
            if node is None:
                continue
            failure = of_fault(name, process, node)
            told = f"{name} {process}" if process else name
            foresight = foresee(router, failure, standing) if failure else None
            found.append(Foreseen(told, node, foresight))
            standing = foresight.afterwards if foresight else standing
        elif isinstance(step, Heal):
            found[unhealed:] = [_healed(router, one, standing) for one in found[unhealed:]]
            standing, unhealed = at_rest(router), len(found)
    return found


def named(fault: Fault) -> tuple[str, str | None]:
    """Return a fault's name and the process that it hits, if it is one of a process."""
    process: str | None = vars(fault).get("process")
    return type(fault).__name__, process


def _healed(router: Router, one: Foreseen, healing: Standing) -> Foreseen:
    if one.foresight is None:
        return one
    before = one.foresight
    return dataclasses.replace(one, foresight=foresee(router, before.failure, before.standing, healing))
