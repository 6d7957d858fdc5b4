"""Deeds done to what a node announces: by ARP, as its keepalived does when it takes the VIP."""

from __future__ import annotations

import time
from dataclasses import dataclass

from harness.agent.deeds import frames
from harness.agent.deeds.deed import Done
from harness.events import Did


@dataclass(frozen=True)
class Hush:
    """Let no gratuitous ARP out; what the node answers to who asks for its addresses still goes."""

    def do(self) -> Done:
        begin_ns = time.monotonic_ns()
        frames.mute()
        return Done(begin_ns, time.monotonic_ns(), Did())


@dataclass(frozen=True)
class Announce:
    """Let announcements out again; none is made up for."""

    def do(self) -> Done:
        begin_ns = time.monotonic_ns()
        frames.let()
        return Done(begin_ns, time.monotonic_ns(), Did())
