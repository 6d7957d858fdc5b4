"""VRRP adverts, ARP and TCP resets as they pass this machine's interface, with the kernel's own stamps."""

from __future__ import annotations

import ctypes
import ipaddress
import select
import signal
import socket
import struct
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

from harness.agent.emit import Emitter, facts

ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_IPV6 = 0x0003, 0x0800, 0x0806, 0x86DD
VRRP, TCP, RST = 112, 6, 0x04
SOL_PACKET, PACKET_STATISTICS, PACKET_OUTGOING = 263, 6, 4
SO_ATTACH_FILTER, SO_TIMESTAMPNS = 26, 35

# Classic BPF, as `tcpdump -dd` would print it for: arp or proto 112 or (tcp[tcpflags] & tcp-rst != 0).
_FILTER = [
    (0x28, 0, 0, 12),  #  0 ldh ethertype
    (0x15, 10, 0, ETH_P_ARP),  #  1 arp → keep
    (0x15, 7, 0, ETH_P_IPV6),  #  2 ipv6 → 10
    (0x15, 0, 9, ETH_P_IP),  #  3 not ipv4 → drop
    (0x30, 0, 0, 23),  #  4 ldb protocol
    (0x15, 6, 0, VRRP),  #  5 vrrp → keep
    (0x15, 0, 6, TCP),  #  6 not tcp → drop
    (0xB1, 0, 0, 14),  #  7 ldxb 4*([14]&0xf)
    (0x50, 0, 0, 27),  #  8 ldb [x + 14 + 13] flags
    (0x45, 2, 3, RST),  #  9 rst → keep, else drop
    (0x30, 0, 0, 20),  # 10 ldb next header
    (0x15, 0, 1, VRRP),  # 11 vrrp → keep
    (0x06, 0, 0, 0xFFFF),  # 12 keep
    (0x06, 0, 0, 0),  # 13 drop
]


class Capture:
    """A filtered packet socket on one interface."""

    def __init__(self, interface: str) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        program = b"".join(struct.pack("HBBI", *instruction) for instruction in _FILTER)
        buffer = ctypes.create_string_buffer(program)
        self._socket.setsockopt(
            socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(_FILTER), ctypes.addressof(buffer))
        )
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind((interface, ETH_P_ALL))

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


def parse(frame: bytes) -> tuple[str, dict[str, Any]] | None:
    """Return (event kind, data) of an Ethernet frame; None where it is not one of ours or cut short."""
    try:
        kind = struct.unpack_from("!H", frame, 12)[0]
        mac = frame[6:12].hex(":")
        if kind == ETH_P_ARP:
            return _arp(frame[14:], mac)
        if kind == ETH_P_IPV6:
            return "wire.advert", _advert(frame[54:], _ip(frame[22:38]), mac)
        header = (frame[14] & 0x0F) * 4
        source, body = _ip(frame[26:30]), frame[14 + header :]
        if frame[23] == VRRP:
            return "wire.advert", _advert(body, source, mac)
        ports = struct.unpack_from("!HH", body)
        about = {"source": f"{source}:{ports[0]}", "destination": f"{_ip(frame[30:34])}:{ports[1]}", "mac": mac}
        return "wire.reset", about
    except (struct.error, IndexError, ValueError):
        return None


def _ip(raw: bytes) -> str:
    return str(ipaddress.ip_address(raw))


def _arp(body: bytes, mac: str) -> tuple[str, dict[str, Any]]:
    operation = struct.unpack_from("!H", body, 6)[0]
    sender, target = _ip(body[14:18]), _ip(body[24:28])
    return "wire.arp", {
        "operation": operation,
        "gratuitous": sender == target,
        "ip": sender,
        "mac": body[8:14].hex(":"),
        "target": target,
        "source_mac": mac,
    }


def _advert(body: bytes, source: str, mac: str) -> dict[str, Any]:
    first, vrid, priority, count = body[0], body[1], body[2], body[3]
    version = first >> 4
    # v2 carries whole seconds in its sixth byte, v3 centiseconds in twelve bits.
    advert_int_s = float(body[5]) if version == 2 else (struct.unpack_from("!H", body, 4)[0] & 0x0FFF) / 100
    width = 16 if ":" in source else 4
    addresses = [_ip(body[8 + i * width : 8 + (i + 1) * width]) for i in range(count)]
    return {
        "source": source,
        "vrid": vrid,
        "priority": priority,
        "version": version,
        "advert_int_s": advert_int_s,
        "addresses": addresses,
        "mac": mac,
    }


class Observer:
    """Writes down what the capture shows until told to stop."""

    def __init__(self) -> None:
        about = facts()
        self.emitter = Emitter(about["node"], "wire")
        self._capture = Capture(about["interface"])
        self.emitter.bracket("start")
        self._vips = set(about["vips"])
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
                    self.emitter.emit("agent.lost", count=dropped, reason="the capture's buffer overflowed")

    def _read(self, offset: int) -> None:
        for stamp, outgoing, frame in self._capture.read():
            seen = parse(frame)
            if seen is None:
                continue
            kind, data = seen
            if kind == "wire.arp" and not data["gratuitous"] and not self._vips & {data["ip"], data["target"]}:
                continue
            self.emitter.emit(kind, stamp - offset, **data, outgoing=outgoing)

    def stop(self, number: int, frame: FrameType | None) -> None:
        self.running = False


def main() -> None:
    """Observe until SIGTERM."""
    observer = Observer()
    signal.signal(signal.SIGTERM, observer.stop)
    observer.loop()
    observer.emitter.bracket("stop")


if __name__ == "__main__":
    main()
