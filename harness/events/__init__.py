"""Every kind of event: what agents and the runner write and the desk reads. Standard library only.

Names that end in `_ns` are moments of CLOCK_MONOTONIC in nanoseconds unless they say otherwise.
"""

from __future__ import annotations

from harness.events.agents import AgentLost, AgentPressure, AgentPriority, AgentStart, AgentStop, Bracket
from harness.events.daemons import HaproxyCheck, HaproxyServer, HaproxySession, HaproxySocket, Process, Turns
from harness.events.fact import Fact
from harness.events.guests import Segment
from harness.events.multiplexed import H2Request, H2Session
from harness.events.onsite import Mark
from harness.events.requests import (
    Due,
    Probe,
    ProbeCapped,
    ProberSummary,
    Readback,
    Schedule,
    Watch,
    WatchUnopened,
    Write,
    WriteCapped,
)
from harness.events.trial import Did, Effect, FaultEdge, FaultEffect, StepTaken, Unsteady
from harness.events.vip import Advert, ArpProbe, GratuitousArp, Link, Neighbour, Vip, VrrpNews, VrrpState

# By their names in a history; of two of one name the second is what the first would have been, had it been sent.
KINDS: dict[str, list[type[Fact]]] = {}
for _kind in (
    AgentStart,
    AgentStop,
    AgentLost,
    AgentPressure,
    AgentPriority,
    Probe,
    ProbeCapped,
    ProberSummary,
    Write,
    WriteCapped,
    Readback,
    Watch,
    WatchUnopened,
    H2Request,
    H2Session,
    Segment,
    Mark,
    ArpProbe,
    Neighbour,
    Link,
    Advert,
    GratuitousArp,
    Vip,
    VrrpState,
    VrrpNews,
    Process,
    Turns,
    HaproxyServer,
    HaproxyCheck,
    HaproxySocket,
    HaproxySession,
    FaultEdge,
    FaultEffect,
    StepTaken,
    Unsteady,
):
    KINDS.setdefault(_kind.kind, []).append(_kind)

__all__ = [
    "KINDS",
    "Advert",
    "AgentLost",
    "AgentPressure",
    "AgentPriority",
    "AgentStart",
    "AgentStop",
    "ArpProbe",
    "Bracket",
    "Did",
    "Due",
    "Effect",
    "Fact",
    "FaultEdge",
    "FaultEffect",
    "GratuitousArp",
    "H2Request",
    "H2Session",
    "HaproxyCheck",
    "HaproxyServer",
    "HaproxySession",
    "HaproxySocket",
    "Link",
    "Mark",
    "Neighbour",
    "Probe",
    "ProbeCapped",
    "ProberSummary",
    "Process",
    "Readback",
    "Schedule",
    "Segment",
    "StepTaken",
    "Turns",
    "Unsteady",
    "Vip",
    "VrrpNews",
    "VrrpState",
    "Watch",
    "WatchUnopened",
    "Write",
    "WriteCapped",
]
