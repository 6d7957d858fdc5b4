"""Who has the VIP: as keepalived says, as the kernel has it, and as it shows on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Vip(Fact):
    """A node's kernel has or has no longer the address; `looked_ns` is when its observer had last found no change."""

    kind: ClassVar[str] = "vip"
    address: str
    interface: str
    present: bool
    initial: bool
    looked_ns: int | None = None


@dataclass(frozen=True, kw_only=True)
class VrrpState(Fact):
    """keepalived's own word on an instance: MASTER, BACKUP, FAULT, STOP."""

    kind: ClassVar[str] = "vrrp.state"
    instance: str
    state: str
    priority: int


@dataclass(frozen=True, kw_only=True)
class VrrpNews(Fact):
    """What keepalived says of another instance, or that is no state (MASTER_RX_LOWER_PRI)."""

    kind: ClassVar[str] = "vrrp.other"
    instance: str
    state: str
    priority: int


@dataclass(frozen=True, kw_only=True)
class Link(Fact):
    """A machine's interface and its MAC."""

    kind: ClassVar[str] = "link"
    interface: str
    mac: str


@dataclass(frozen=True, kw_only=True)
class Advert(Fact):
    """A VRRP advertisement as a machine's wire carried it."""

    kind: ClassVar[str] = "wire.advert"
    source: str
    vrid: int
    priority: int
    version: int
    advert_int_s: float
    addresses: list[str]
    mac: str
    outgoing: bool = False


@dataclass(frozen=True, kw_only=True)
class GratuitousArp(Fact):
    """A gratuitous ARP packet, or IPv6's unsolicited neighbour advertisement (`operation` 136)."""

    kind: ClassVar[str] = "wire.arp"
    operation: int
    gratuitous: bool
    ip: str
    mac: str
    target: str
    source_mac: str
    outgoing: bool = False


@dataclass(frozen=True, kw_only=True)
class ArpProbe(Fact):
    """Who the client's question for the VIP's MAC was answered by: (when, MAC) each."""

    kind: ClassVar[str] = "arp.probe"
    due_ns: int
    answers: list[tuple[int, str]]


@dataclass(frozen=True, kw_only=True)
class Neighbour(Fact):
    """The client's own entry for the VIP; `state` is the kernel's NUD_..., 0 where it was deleted."""

    kind: ClassVar[str] = "neighbour"
    address: str
    mac: str | None
    state: int
