"""Faults of what passes between nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.agent.deeds.packets import Drop, Pass
from harness.contracts import Selector, Target
from harness.events import Effect

VRRP = 112  # its IP protocol number, RFC 9568


@dataclass(frozen=True)
class VrrpPartition:
    """No advert passes between a node and the others, or only one way, seen from the node; all else does.

    As where a firewall knows nothing of VRRP, or a switch loses multicast.
    """

    on: Selector
    way: Literal["both", "in", "out"] = "both"

    @property
    def effect(self) -> Effect:
        return Effect(cut="vrrp", way=self.way)

    def inject(self, target: Target) -> None:
        target.act(Drop(VRRP, self.way))

    def heal(self, target: Target) -> None:
        target.act(Pass(VRRP, self.way))
