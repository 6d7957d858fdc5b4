"""What agents tell of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Bracket(Fact):
    """What proves that an agent shares the one clock, at its start and at its stop.

    `realtime_offset_ns` is CLOCK_REALTIME - CLOCK_MONOTONIC, `offset_width_ns` how far apart the two were read;
    `steal_ticks` are summed over all processors, `stalled_us` is how long somebody has waited for one (PSI).
    """

    boot_id: str
    time_namespace: int
    pid: int | None = None
    realtime_offset_ns: int | None = None
    offset_width_ns: int | None = None
    init_started_ns: int | None = None
    steal_ticks: int | None = None
    stalled_us: int | None = None
    ticks_per_s: int = 100
    cpus: int = 1


@dataclass(frozen=True, kw_only=True)
class AgentStart(Bracket):
    kind: ClassVar[str] = "agent.start"


@dataclass(frozen=True, kw_only=True)
class AgentStop(Bracket):
    kind: ClassVar[str] = "agent.stop"


@dataclass(frozen=True, kw_only=True)
class AgentLost(Fact):
    """The kernel dropped what an agent should have seen; `count` is None where it does not tell how much."""

    kind: ClassVar[str] = "agent.lost"
    count: int | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class AgentPriority(Fact):
    """When an agent gets a processor; `slice_ns` and `promised_ns` are lengths, None where not granted."""

    kind: ClassVar[str] = "agent.priority"
    nice: int | None
    slice_ns: int | None
    promised_ns: int | None


@dataclass(frozen=True, kw_only=True)
class AgentPressure(Fact):
    """For how long somebody has waited for a processor by now (PSI), about once a second."""

    kind: ClassVar[str] = "agent.pressure"
    stalled_us: int
