"""Who answers for the VIP, asked from the client's own wire: an ARP probe every 5 ms, and the kernel's own entry."""

from __future__ import annotations

import argparse
import select
import signal
import socket
import struct
import time
from collections import deque
from dataclasses import dataclass, field
from types import FrameType

from harness.agent.emit import Emitter, facts, prioritise
from harness.agent.neighbours import Neighbours
from harness.agent.netlink import Overrun
from harness.agent.timer import Timer
from harness.agent.wire import ETH_P_ARP, Capture, realtime_offset_ns

ASK, ANSWER = 1, 2
APART_NS = 1_000_000  # an answer takes 0.05 ms, 0.5 ms at the worst that was seen
STAMPING_NS = 50_000  # the kernel's stamp and ours come from two clocks
_ANSWERS = [
    (0x28, 0, 0, 12),  # 0 ldh ethertype
    (0x15, 0, 3, ETH_P_ARP),  # 1 not arp → drop
    (0x28, 0, 0, 20),  # 2 ldh operation
    (0x15, 0, 1, ANSWER),  # 3 not an answer → drop
    (0x06, 0, 0, 0xFFFF),  # 4 keep
    (0x06, 0, 0, 0),  # 5 drop
]


def question(own_mac: bytes, address: str) -> bytes:
    """Return the frame that asks who has `address`.

    Its sender address is 0.0.0.0 (RFC 5227): it teaches nobody anything, so that asking changes no neighbour's table.
    """
    head = b"\xff" * 6 + own_mac + struct.pack("!HHHBBH", ETH_P_ARP, 1, 0x0800, 6, 4, ASK)
    return head + own_mac + bytes(4) + bytes(6) + socket.inet_aton(address)


@dataclass
class Question:
    """One that was asked, and who answered when: (t_ns, MAC)."""

    due_ns: int
    sent_ns: int
    answers: list[tuple[int, str]] = field(default_factory=list)


class Asker:
    """Asks on a schedule that never drifts; an answer belongs to the question sent last before it."""

    def __init__(self, rate: float) -> None:
        about = facts()
        self.emitter = Emitter(about["node"], "arp")
        self._capture, self._timer = Capture(about["interface"], _ANSWERS), Timer()
        self._neighbours, self._vip = Neighbours(), about["vips"][0]
        self._question = question(self._capture.mac, self._vip)
        self._wanted = socket.inet_aton(self._vip)
        self._period_ns = round(1e9 / rate)
        self._open: deque[Question] = deque()
        self.running = True

    def loop(self) -> None:
        poller = select.epoll()
        # Answers carry the kernel's stamp: they may wait for the next question, and cost no turn of their own.
        for source in (self._timer, self._neighbours):
            poller.register(source.fileno(), select.EPOLLIN)
        self.emitter.bracket("start")
        prioritise(self.emitter, -20)  # its turns are short, and two late ones widen every bound
        due, offset, next_look = time.monotonic_ns() + 20_000_000, realtime_offset_ns(), time.monotonic_ns()
        self._timer.set(due)
        while self.running:
            for descriptor, _ in poller.poll(0.1):
                if descriptor == self._timer.fileno():
                    self._timer.clear()
                elif descriptor == self._neighbours.fileno():
                    self._entries()
            if due <= time.monotonic_ns():
                self._read(offset)
                self._ask(due)
                # One that was missed is not made up for: two at once could not tell their answers apart.
                earliest = time.monotonic_ns() + APART_NS
                due += self._period_ns * max(1, -((due - earliest) // self._period_ns))
                self._timer.set(due)
            if time.monotonic_ns() > next_look:
                offset, next_look = realtime_offset_ns(), time.monotonic_ns() + 1_000_000_000
                if dropped := self._capture.dropped():
                    self.emitter.emit("agent.lost", count=dropped, reason="the capture's buffer overflowed")
        self._read(offset)
        self._tell(keep=1)  # the last one has not had its time to be answered
        self.emitter.bracket("stop")

    def _ask(self, due: int) -> None:
        self._tell(keep=1)
        self._open.append(Question(due, time.monotonic_ns()))
        self._capture.send(self._question)

    def _tell(self, keep: int) -> None:
        while len(self._open) > keep:
            asked = self._open.popleft()
            self.emitter.emit("arp.probe", asked.sent_ns, due_ns=asked.due_ns, answers=asked.answers)

    def _read(self, offset: int) -> None:
        for stamp, _, frame in self._capture.read():
            if frame[28:32] != self._wanted:
                continue
            for asked in reversed(self._open):
                if asked.sent_ns <= stamp - offset + STAMPING_NS:
                    asked.answers.append((stamp - offset, frame[22:28].hex(":")))
                    break

    def _entries(self) -> None:
        stamp = time.monotonic_ns()
        try:
            for address, mac, state in self._neighbours.read():
                if address == self._vip:
                    self.emitter.emit("neighbour", stamp, address=address, mac=mac, state=state)
        except Overrun as error:
            self.emitter.emit("agent.lost", stamp, count=None, reason=str(error))

    def stop(self, number: int, frame: FrameType | None) -> None:
        self.running = False


def main() -> None:
    """Ask until SIGTERM."""
    parser = argparse.ArgumentParser(prog="arp", description=__doc__)
    parser.add_argument("--rate", type=float, default=200.0, help="questions a second")
    asker = Asker(parser.parse_args().rate)
    signal.signal(signal.SIGTERM, asker.stop)
    asker.loop()


if __name__ == "__main__":
    main()
