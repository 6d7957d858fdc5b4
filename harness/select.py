"""Which node a fault means, decided when it is injected."""

from __future__ import annotations

from dataclasses import dataclass

from harness.contracts import Situation


@dataclass(frozen=True)
class VipOwner:
    """The node that holds the VIP at that moment."""

    def pick(self, situation: Situation) -> str | None:
        return situation.vip_owner


@dataclass(frozen=True)
class NotVipOwner:
    """The first living node that does not hold the VIP."""

    def pick(self, situation: Situation) -> str | None:
        return next((node for node in situation.alive if node != situation.vip_owner), None)
