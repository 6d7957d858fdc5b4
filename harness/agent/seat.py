"""What a guest's connections to the VIP do, by the packets on the interface that it shares with this observer."""

from __future__ import annotations

import ipaddress
import select
import signal
import struct
import time
from collections.abc import Iterator
from types import FrameType

from harness.agent.emit import Emitter, facts
from harness.agent.wire import ETH_P_IP, ETH_P_IPV6, Capture, Program, realtime_offset_ns
from harness.events import AgentLost, AgentStart, AgentStop, Segment

TCP = 6
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
SAME_NS = 1_000_000  # what carries bytes the same way within this is one
PACKET_TYPE, OTHER_HOST = 0xFFFFF004, 3  # SKF_AD_OFF + SKF_AD_PKTTYPE: a bridge floods what it knows no port for
# Classic BPF: TCP of this machine's own, over IPv4, or over IPv6 without extension headers.
_FILTER: Program = [
    (0x30, 0, 0, PACKET_TYPE),  #  0 ldb packet type
    (0x15, 8, 0, OTHER_HOST),  #  1 another's → drop
    (0x28, 0, 0, 12),  #  2 ldh ethertype
    (0x15, 0, 2, ETH_P_IP),  #  3 not ipv4 → 6
    (0x30, 0, 0, 23),  #  4 ldb protocol
    (0x15, 3, 4, TCP),  #  5 tcp → keep, else drop
    (0x15, 0, 3, ETH_P_IPV6),  #  6 not ipv6 → drop
    (0x30, 0, 0, 20),  #  7 ldb next header
    (0x15, 0, 1, TCP),  #  8 tcp → keep, else drop
    (0x06, 0, 0, 0xFFFF),  #  9 keep
    (0x06, 0, 0, 0),  # 10 drop
]


def parse(frame: bytes, vips: set[str], port: int) -> Segment | None:
    """Return what a TCP frame tells of a connection to a VIP's port; None where it is of none, or a bare ACK.

    A keepalive's probe, which may carry one old byte, counts as a bare ACK: it asks for nothing.
    """
    try:
        at, source, target, length = _network(frame)
        from_port, to_port = struct.unpack_from("!HH", frame, at)
        header, flags = (frame[at + 12] >> 4) * 4, frame[at + 13]
    except (struct.error, IndexError, ValueError):
        return None
    if (target, to_port) in {(vip, port) for vip in vips}:
        own, outgoing = from_port, True
    elif (source, from_port) in {(vip, port) for vip in vips}:
        own, outgoing = to_port, False
    else:
        return None
    size = max(0, length - header)
    ends = {"syn": bool(flags & SYN), "fin": bool(flags & FIN), "rst": bool(flags & RST)}
    if size <= 1 and not any(ends.values()):
        return None
    return Segment(port=own, outgoing=outgoing, size=size, **ends)


def _network(frame: bytes) -> tuple[int, str, str, int]:
    """Return where the TCP header begins, source, target, and how long header and payload are together."""
    if struct.unpack_from("!H", frame, 12)[0] == ETH_P_IPV6:
        source, target = (str(ipaddress.ip_address(frame[n : n + 16])) for n in (22, 38))
        return 54, source, target, struct.unpack_from("!H", frame, 18)[0]
    header = (frame[14] & 0x0F) * 4
    source, target = (str(ipaddress.ip_address(frame[n : n + 4])) for n in (26, 30))
    return 14 + header, source, target, struct.unpack_from("!H", frame, 16)[0] - header


class Observer:
    """Writes down what the capture shows until told to stop."""

    def __init__(self) -> None:
        about = facts()
        self.emitter = Emitter(about["node"], "seat")
        self._capture = Capture(about["interface"], _FILTER)
        self._vips, self._port = set(about["vips"]), about["port"]
        self._last: dict[tuple[int, bool], int] = {}
        self.emitter.bracket(AgentStart)
        self.running = True

    def loop(self) -> None:
        poller = select.epoll()
        poller.register(self._capture.fileno(), select.EPOLLIN)
        offset, next_look = realtime_offset_ns(), time.monotonic() + 1
        while self.running:
            if poller.poll(max(0, next_look - time.monotonic())):
                for stamp, segment in self._read():
                    self.emitter.emit(segment, stamp - offset)
            if time.monotonic() >= next_look:
                offset, next_look = realtime_offset_ns(), time.monotonic() + 1
                if dropped := self._capture.dropped():
                    self.emitter.emit(AgentLost(count=dropped, reason="the capture's buffer overflowed"))

    def _read(self) -> Iterator[tuple[int, Segment]]:
        for stamp, _, frame in self._capture.read():
            segment = parse(frame, self._vips, self._port)
            if segment is None:
                continue
            way, plain = (segment.port, segment.outgoing), not (segment.syn or segment.fin or segment.rst)
            if plain and stamp - self._last.get(way, 0) < SAME_NS:
                continue
            self._last[way] = stamp
            yield stamp, segment

    def stop(self, number: int, frame: FrameType | None) -> None:
        self.running = False


def main() -> None:
    """Observe until SIGTERM."""
    observer = Observer()
    signal.signal(signal.SIGTERM, observer.stop)
    observer.loop()
    observer.emitter.bracket(AgentStop)


if __name__ == "__main__":
    main()
