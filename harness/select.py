"""Which node a fault means, decided when it is injected."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from harness.contracts import Fault, Situation

LB_RUNS, MASTER_RUNS = ("keepalived", "haproxy", "nginx"), ("kube-apiserver", "etcd")


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


@dataclass(frozen=True)
class Master:
    """The node that holds the VIP where that is a master, else the first living master."""

    def pick(self, situation: Situation) -> str | None:
        masters = situation.masters
        return situation.vip_owner if situation.vip_owner in masters else next(iter(masters), None)


@dataclass(frozen=True)
class Node:
    """The node of this name, while it is there."""

    name: str

    def pick(self, situation: Situation) -> str | None:
        return self.name if self.name in situation.alive else None


@dataclass(frozen=True)
class EtcdLeader:
    """The node whose member of etcd leads the others at that moment; no file tells which that will be."""

    def pick(self, situation: Situation) -> str | None:
        return situation.etcd_leader


@dataclass(frozen=True)
class Seen:
    """A situation as it is seen at a moment."""

    vip_owner: str | None
    alive: Sequence[str]
    lbs: Sequence[str]
    masters: Sequence[str]
    etcd_leader: str | None = None


@dataclass(frozen=True)
class _Among:
    """A situation in which some nodes only are to be picked; whoever leads etcd is asked only where that matters."""

    situation: Situation
    able: Collection[str]

    @property
    def vip_owner(self) -> str | None:
        return self.situation.vip_owner

    @property
    def alive(self) -> Sequence[str]:
        return [node for node in self.situation.alive if node in self.able]

    @property
    def lbs(self) -> Sequence[str]:
        return self.situation.lbs

    @property
    def masters(self) -> Sequence[str]:
        return self.situation.masters

    @property
    def etcd_leader(self) -> str | None:
        return self.situation.etcd_leader


def meant(fault: Fault, situation: Situation) -> str | None:
    """Return the node that a fault means, one that has what it breaks; None where no such node fits."""
    able = set(situation.alive)
    for process in fault.effect.processes:
        if process in LB_RUNS + MASTER_RUNS:
            able &= set(situation.lbs if process in LB_RUNS else situation.masters)
    node = fault.on.pick(_Among(situation, able))
    return node if node in able else None
