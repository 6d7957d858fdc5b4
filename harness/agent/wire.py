"""VRRP adverts and announcements as they pass this machine's interface, with the kernel's own stamps."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import ipaddress
import select
import signal
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from harness.agent.emit import EVENTS, FACTS, Emitter, facts
from harness.events import Advert, AgentLost, AgentStart, AgentStop, GratuitousArp, Link

ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_IPV6 = 0x0003, 0x0800, 0x0806, 0x86DD
VRRP, ICMPV6, NEIGHBOUR_ADVERT, SOLICITED = 112, 58, 136, 0x40
SOL_PACKET, PACKET_STATISTICS, PACKET_OUTGOING = 263, 6, 4
SO_ATTACH_FILTER, SO_TIMESTAMPNS = 26, 35

Program = list[tuple[int, int, int, int]]
# Classic BPF: VRRP; an ARP frame whose sender and target address are the same; a neighbour advertisement.
_FILTER: Program = [
    (0x28, 0, 0, 12),  #  0 ldh ethertype
    (0x15, 9, 0, ETH_P_ARP),  #  1 arp → 11
    (0x15, 3, 0, ETH_P_IPV6),  #  2 ipv6 → 6
    (0x15, 0, 13, ETH_P_IP),  #  3 not ipv4 → drop
    (0x30, 0, 0, 23),  #  4 ldb protocol
    (0x15, 10, 11, VRRP),  #  5 vrrp → keep, else drop
    (0x30, 0, 0, 20),  #  6 ldb next header
    (0x15, 8, 0, VRRP),  #  7 vrrp → keep
    (0x15, 0, 8, ICMPV6),  #  8 not icmpv6 → drop
    (0x30, 0, 0, 54),  #  9 ldb type
    (0x15, 5, 6, NEIGHBOUR_ADVERT),  # 10 advertisement → keep, else drop
    (0x20, 0, 0, 28),  # 11 ld sender's address
    (0x02, 0, 0, 0),  # 12 st M[0]
    (0x20, 0, 0, 38),  # 13 ld target's address
    (0x61, 0, 0, 0),  # 14 ldx M[0]
    (0x1D, 0, 1, 0),  # 15 equal → keep, else drop
    (0x06, 0, 0, 0xFFFF),  # 16 keep
    (0x06, 0, 0, 0),  # 17 drop
]


class Capture:
    """A filtered packet socket on one interface."""

    def __init__(self, interface: str, program: Program) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        buffer = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
        self._socket.setsockopt(
            socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(program), ctypes.addressof(buffer))
        )
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind((interface, ETH_P_ALL))
        self.mac: bytes = self._socket.getsockname()[4]

    def send(self, frame: bytes) -> None:
        """Put a frame on the wire; one that the interface will not take is lost, as on any wire."""
        with contextlib.suppress(OSError):
            self._socket.send(frame)

    def fileno(self) -> int:
        return self._socket.fileno()

    def read(self) -> Iterator[tuple[int, bool, bytes]]:
        """Yield (CLOCK_REALTIME ns by the kernel, outgoing, frame) for what has come."""
        while True:
            try:
                frame, control, _, address = self._socket.recvmsg(512, 64)
            except (BlockingIOError, OSError):
                return
            stamp = time.clock_gettime_ns(time.CLOCK_REALTIME)
            for level, kind, data in control:
                if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                    seconds, nanoseconds = struct.unpack("qq", data[:16])
                    stamp = seconds * 1_000_000_000 + nanoseconds
            yield stamp, address[2] == PACKET_OUTGOING, frame

    def dropped(self) -> int:
        """Return how many frames the kernel dropped since the last call."""
        data = self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        drops: int = struct.unpack("II", data)[1]
        return drops


def realtime_offset_ns() -> int:
    """Return CLOCK_REALTIME - CLOCK_MONOTONIC, from the narrowest of five brackets."""
    best = (1 << 62, 0)
    for _ in range(5):
        before = time.monotonic_ns()
        real = time.clock_gettime_ns(time.CLOCK_REALTIME)
        after = time.monotonic_ns()
        best = min(best, (after - before, real - (before + after) // 2))
    return best[1]


def parse(frame: bytes, outgoing: bool = False) -> Advert | GratuitousArp | None:
    """Return what an Ethernet frame tells; None where it is not one of ours or cut short."""
    try:
        kind = struct.unpack_from("!H", frame, 12)[0]
        mac = frame[6:12].hex(":")
        if kind == ETH_P_ARP:
            return _arp(frame[14:], mac, outgoing)
        if kind == ETH_P_IPV6 and frame[20] == ICMPV6:
            return _neighbour_advert(frame, mac, outgoing)
        if kind == ETH_P_IPV6:
            return _advert(frame[54:], _ip(frame[22:38]), mac, outgoing)
        header = (frame[14] & 0x0F) * 4
        return _advert(frame[14 + header :], _ip(frame[26:30]), mac, outgoing)
    except (struct.error, IndexError, ValueError):
        return None


def _ip(raw: bytes) -> str:
    return str(ipaddress.ip_address(raw))


def _arp(body: bytes, mac: str, outgoing: bool) -> GratuitousArp:
    operation = struct.unpack_from("!H", body, 6)[0]
    sender, target = _ip(body[14:18]), _ip(body[24:28])
    return GratuitousArp(
        operation=operation,
        gratuitous=sender == target,
        ip=sender,
        mac=body[8:14].hex(":"),
        target=target,
        source_mac=mac,
        outgoing=outgoing,
    )


def _neighbour_advert(frame: bytes, mac: str, outgoing: bool) -> GratuitousArp:
    """Return IPv6's gratuitous ARP (RFC 4861 §7.2.6) as one: an advertisement that nobody asked for."""
    address = _ip(frame[62:78])
    return GratuitousArp(
        operation=NEIGHBOUR_ADVERT,
        gratuitous=not frame[58] & SOLICITED,
        ip=address,
        mac=mac,
        target=address,
        source_mac=mac,
        outgoing=outgoing,
    )


def _advert(body: bytes, source: str, mac: str, outgoing: bool) -> Advert:
    first, vrid, priority, count = body[0], body[1], body[2], body[3]
    version = first >> 4
    # v2 carries whole seconds in its sixth byte, v3 centiseconds in twelve bits.
    advert_int_s = float(body[5]) if version == 2 else (struct.unpack_from("!H", body, 4)[0] & 0x0FFF) / 100
    width = 16 if ":" in source else 4
    addresses = [_ip(body[8 + i * width : 8 + (i + 1) * width]) for i in range(count)]
    return Advert(
        source=source,
        vrid=vrid,
        priority=priority,
        version=version,
        advert_int_s=advert_int_s,
        addresses=addresses,
        mac=mac,
        outgoing=outgoing,
    )


class Observer:
    """Writes down what the capture shows until told to stop."""

    def __init__(self, about: dict[str, Any], emitter: Emitter) -> None:
        """Without `vrids` in `about` every virtual router counts."""
        self.emitter = emitter
        self._capture = Capture(about["interface"], _FILTER)
        self.emitter.bracket(AgentStart)
        self.emitter.emit(Link(interface=about["interface"], mac=self._capture.mac.hex(":")))
        self._vips, self._vrids = set(about["vips"]), about.get("vrids")
        self.running = True

    def loop(self) -> None:
        poller = select.epoll()
        poller.register(self._capture.fileno(), select.EPOLLIN)
        offset, next_look = realtime_offset_ns(), time.monotonic() + 1
        while self.running:
            if poller.poll(max(0, next_look - time.monotonic())):
                self._read(offset)
            if time.monotonic() >= next_look:
                offset, next_look = realtime_offset_ns(), time.monotonic() + 1
                if dropped := self._capture.dropped():
                    self.emitter.emit(AgentLost(count=dropped, reason="the capture's buffer overflowed"))

    def _read(self, offset: int) -> None:
        for stamp, outgoing, frame in self._capture.read():
            match seen := parse(frame, outgoing):
                case None:
                    continue
                case GratuitousArp() if not (seen.gratuitous and seen.ip in self._vips):
                    continue
                case Advert() if self._vrids is not None and seen.vrid not in self._vrids:
                    continue  # another virtual router's
            self.emitter.emit(seen, stamp - offset)

    def stop(self, number: int, frame: FrameType | None) -> None:
        self.running = False


def main() -> None:
    """Observe until SIGTERM."""
    parser = argparse.ArgumentParser(prog="wire", description=__doc__)
    parser.add_argument("--facts", type=Path, default=FACTS)
    parser.add_argument("--events", type=Path, default=EVENTS)
    words = parser.parse_args()
    about = facts(words.facts)
    observer = Observer(about, Emitter(about["node"], "wire", words.events))
    signal.signal(signal.SIGTERM, observer.stop)
    observer.loop()
    observer.emitter.bracket(AgentStop)


if __name__ == "__main__":
    main()
