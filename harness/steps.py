"""What a scenario does, one step after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum

from harness.clock import Bounds
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


def flapping(fault: Fault, times: int, broken_s: float, whole_s: float) -> list[Step]:
    """Return steps that break something and heal it again and again; both times in seconds."""
    return [Inject(fault), Hold(broken_s), Heal(), Hold(whole_s)] * times


def told(step: Step) -> str:
    """Return what a step does, as far as its name does not say it."""
    match step:
        case Hold(seconds=seconds):
            return f"{seconds:.1f} s"
        case Inject(fault=fault):
            return " ".join((type(fault).__name__, *_said(fault), "on", type(fault.on).__name__, *_said(fault.on)))
        case Await(condition=condition, within_s=within_s):
            return f"{condition.value} (at most {within_s:.1f} s)"
        case Heal():
            return ""


def _said(words: object) -> Iterator[str]:
    """Yield what a fault or a selector says beside its defaults."""
    for field in fields(words) if is_dataclass(words) else ():
        value = getattr(words, field.name)
        if field.name != "on" and value != field.default:
            yield (
                field.name if value is True else " and ".join(map(str, value if isinstance(value, tuple) else [value]))
            )


def lasting_s(steps: Iterable[Step]) -> Bounds:
    """Return how long steps take, in seconds: at least what they hold, at most what they wait in vain besides."""
    holds = waits = 0.0
    for step in steps:
        match step:
            case Hold(seconds=seconds):
                holds += seconds
            case Await(within_s=within_s):
                waits += within_s
    return Bounds(BASELINE_S + holds, BASELINE_S + holds + waits)
