"""Faults of what passes between nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.agent.deeds.announce import Announce, Hush
from harness.agent.deeds.link import Plug, Unplug
from harness.agent.deeds.packets import Drop, Pass, Traffic
from harness.contracts import Selector, Target
from harness.events import Effect


@dataclass(frozen=True)
class Partition:
    """Some traffic does not arrive between a node and others, or only one way, seen from the node; all else does.

    "vrrp" are adverts, as where a firewall knows nothing of them or a switch loses multicast; "etcd" is what its
    members tell each other; "apiserver" is what is sent to apiservers, whoever asks; "all" is all that
    leaves the node or comes to it. `others` are names of nodes; everybody, clients too, where there are none, and ARP
    with all. It is lost without a word, or refused where it is `refused`.
    """

    on: Selector
    traffic: Traffic = "all"
    way: Literal["both", "in", "out"] = "both"
    others: tuple[str, ...] = ()
    refused: bool = False

    @property
    def effect(self) -> Effect:
        return Effect(cut=self.traffic, way=self.way, others=self.others)

    def inject(self, target: Target) -> None:
        target.act(Drop(self.traffic, self.way, self.others, self.refused))

    def heal(self, target: Target) -> None:
        target.act(Pass(self.traffic, self.way, self.others, self.refused))


@dataclass(frozen=True)
class PacketLoss:
    """A share of the packets between a node and all others is lost, drawn for each; ARP is not among them."""

    on: Selector
    share: float
    traffic: Traffic = "all"
    way: Literal["both", "in", "out"] = "both"

    @property
    def effect(self) -> Effect:
        return Effect(cut="some", way=self.way)

    def inject(self, target: Target) -> None:
        target.act(Drop(self.traffic, self.way, share=self.share))

    def heal(self, target: Target) -> None:
        target.act(Pass(self.traffic, self.way, share=self.share))


@dataclass(frozen=True)
class ArpSuppress:
    """A node announces no address any more, as where a switch drops gratuitous ARP; it answers who asks.

    Of IPv4: an unsolicited neighbour advertisement still goes.
    """

    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(cut="announcements", way="out")

    def inject(self, target: Target) -> None:
        target.act(Hush())

    def heal(self, target: Target) -> None:
        target.act(Announce())


@dataclass(frozen=True)
class LinkDown:
    """The node's interface goes down and comes up again later; all that runs there sees it, and runs on."""

    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(cut="link")

    def inject(self, target: Target) -> None:
        target.act(Unplug(target.interface))

    def heal(self, target: Target) -> None:
        target.act(Plug(target.interface))
