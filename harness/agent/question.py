"""The frame that asks a link who has an address, and the frames that answer it: ARP for IPv4, NDP for IPv6."""

from __future__ import annotations

import ipaddress
import struct

from harness.agent.wire import ETH_P_ARP, ETH_P_IPV6, ICMPV6, NEIGHBOUR_ADVERT, Program

ASK, ANSWER, NEIGHBOUR_SOLICIT = 1, 2, 135
# Nobody's: an answer sent here is seen on the wire and by no kernel, so that asking changes no neighbour's table. What
# is sent to a machine's own MAC its kernel believes, to whatever address it is (arp_process in net/ipv4/arp.c).
_ASKER, _ASKERS_MAC = ipaddress.IPv6Address("fe80::fa11:0e5"), bytes.fromhex("02fa11000e05")
_ARP_ANSWERS: Program = [
    (0x28, 0, 0, 12),  # 0 ldh ethertype
    (0x15, 0, 3, ETH_P_ARP),  # 1 not arp → drop
    (0x28, 0, 0, 20),  # 2 ldh operation
    (0x15, 0, 1, ANSWER),  # 3 not an answer → drop
    (0x06, 0, 0, 0xFFFF),  # 4 keep
    (0x06, 0, 0, 0),  # 5 drop
]
_NDP_ANSWERS: Program = [
    (0x28, 0, 0, 12),  # 0 ldh ethertype
    (0x15, 0, 5, ETH_P_IPV6),  # 1 not ipv6 → drop
    (0x30, 0, 0, 20),  # 2 ldb next header
    (0x15, 0, 3, ICMPV6),  # 3 not icmpv6 → drop
    (0x30, 0, 0, 54),  # 4 ldb type
    (0x15, 0, 1, NEIGHBOUR_ADVERT),  # 5 not an advertisement → drop
    (0x06, 0, 0, 0xFFFF),  # 6 keep
    (0x06, 0, 0, 0),  # 7 drop
]


class Question:
    """Who has `address`, asked from a machine whose MAC is `own_mac`."""

    def __init__(self, own_mac: bytes, address: str) -> None:
        self._wanted = ipaddress.ip_address(address).packed
        self._six = ":" in address
        self.frame = _solicit(own_mac, self._wanted) if self._six else _arp(own_mac, self._wanted)

    @staticmethod
    def answers(address: str) -> Program:
        """Return what lets answers of an address' kind through, as classic BPF."""
        return _NDP_ANSWERS if ":" in address else _ARP_ANSWERS

    def answered(self, frame: bytes) -> str | None:
        """Return the MAC that a frame says has the address; None where it speaks of another."""
        if self._six:
            return frame[6:12].hex(":") if frame[62:78] == self._wanted else None
        return frame[22:28].hex(":") if frame[28:32] == self._wanted else None


def _arp(own_mac: bytes, wanted: bytes) -> bytes:
    """Its sender address is 0.0.0.0 (RFC 5227), and its sender's MAC nobody's: it teaches nobody anything."""
    head = b"\xff" * 6 + own_mac + struct.pack("!HHHBBH", ETH_P_ARP, 1, 0x0800, 6, 4, ASK)
    return head + _ASKERS_MAC + bytes(4) + bytes(6) + wanted


def _solicit(own_mac: bytes, wanted: bytes) -> bytes:
    """A neighbour solicitation (RFC 4861 §4.3) to the solicited-node group of the address."""
    group = bytes.fromhex("ff0200000000000000000001ff") + wanted[13:]
    body = struct.pack("!BBHI", NEIGHBOUR_SOLICIT, 0, 0, 0) + wanted + b"\x01\x01" + own_mac
    total = _sum(_ASKER.packed + group + struct.pack("!II", len(body), ICMPV6) + body)
    body = body[:2] + struct.pack("!H", total) + body[4:]
    header = struct.pack("!IHBB", 6 << 28, len(body), ICMPV6, 255) + _ASKER.packed + group
    return b"\x33\x33\xff" + wanted[13:] + own_mac + struct.pack("!H", ETH_P_IPV6) + header + body


def _sum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071)."""
    total: int = sum(word for (word,) in struct.iter_unpack("!H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total
