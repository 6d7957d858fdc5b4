"""What a scenario does, one step after another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.contracts import Fault

BASELINE_S = 3.0  # what every trial holds before its first step: enough requests to know the chain's own latency


@dataclass(frozen=True)
class Hold:
    """Let the chain run for a time, in seconds."""

    seconds: float


@dataclass(frozen=True)
class Inject:
    """Break something; it stays broken until the scenario heals it."""

    fault: Fault


@dataclass(frozen=True)
class Heal:
    """Undo every fault that is still in force, the last first."""


BROKE_OFF = "broke off"  # noted where a fault could not be injected, and no further step was taken


class Condition(StrEnum):
    """What a scenario may wait for; each is read from the nodes' own events."""

    VIP_MOVED = "the VIP is on another node than at the last fault"  # perhaps beside that one
    STEADY = "the chain is whole again"


@dataclass(frozen=True)
class Await:
    """Wait for a condition, at most `within_s`; a trial goes on when it does not come."""

    condition: Condition
    within_s: float


Step = Hold | Inject | Heal | Await
