"""Who answers for the VIP, asked from the client's own wire every 5 ms, and the kernel's own neighbour entry."""

from __future__ import annotations

import argparse
import select
import signal
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from harness.agent.emit import EVENTS, FACTS, Emitter, facts
from harness.agent.neighbours import Neighbours
from harness.agent.netlink import Overrun
from harness.agent.pressure import stalled_us
from harness.agent.question import Question
from harness.agent.timer import Timer
from harness.agent.turns import promised
from harness.agent.wire import Capture, realtime_offset_ns
from harness.events import AgentLost, AgentPressure, AgentStart, AgentStop, ArpProbe, Neighbour

APART_NS = 1_000_000  # an answer takes 0.05 ms, 0.5 ms at the worst that was seen
AT_ONCE = 8  # questions whose answers are read together
SHARE = 0.25  # of a processor; it uses 0.02, and in the turn in which it reads some ten times that
STAMPING_NS = 50_000  # the kernel's stamp and ours come from two clocks


@dataclass
class Asked:
    """One that was asked, and who answered when: (t_ns, MAC)."""

    due_ns: int
    sent_ns: int
    answers: list[tuple[int, str]] = field(default_factory=list)


class Asker:
    """Asks on a schedule that never drifts; an answer belongs to the question sent last before it."""

    def __init__(self, about: dict[str, Any], emitter: Emitter, rate: float) -> None:
        self.emitter = emitter
        self._neighbours, self._vip = Neighbours(), about["vips"][0]
        self._capture, self._timer = Capture(about["interface"], Question.answers(self._vip)), Timer()
        self._question = Question(self._capture.mac, self._vip)
        self._period_ns = round(1e9 / rate)
        self._open: deque[Asked] = deque()
        self._offset = 0
        self.running = True

    def loop(self) -> None:
        poller = select.epoll()
        # Answers carry the kernel's stamp: they may wait for a few questions, and cost no turn of their own.
        for source in (self._timer, self._neighbours):
            poller.register(source.fileno(), select.EPOLLIN)
        self.emitter.bracket(AgentStart)
        promised(self.emitter, SHARE, self._period_ns)  # two late questions widen every bound
        due, self._offset, next_look = time.monotonic_ns() + 20_000_000, realtime_offset_ns(), time.monotonic_ns()
        self._timer.set(due, self._period_ns)
        due -= self._period_ns
        while self.running:
            for descriptor, _ in poller.poll(0.1):
                if descriptor == self._timer.fileno():
                    # Those that were missed are not made up for: two at once could not tell their answers apart.
                    due += self._period_ns * self._timer.clear()
                    self._ask(due)
                elif descriptor == self._neighbours.fileno():
                    self._entries()
            if time.monotonic_ns() > next_look:
                self._offset, next_look = realtime_offset_ns(), time.monotonic_ns() + 1_000_000_000
                if (stalled := stalled_us()) is not None:
                    self.emitter.emit(AgentPressure(stalled_us=stalled))
                if dropped := self._capture.dropped():
                    self.emitter.emit(AgentLost(count=dropped, reason="the capture's buffer overflowed"))
        self._read()
        self._tell(keep=1)  # the last one has not had its time to be answered
        self.emitter.bracket(AgentStop)

    def _ask(self, due: int) -> None:
        now = time.monotonic_ns()
        if self._open and now < self._open[-1].sent_ns + APART_NS:
            return
        if len(self._open) > AT_ONCE:
            self._read()
            self._tell(keep=1)
            now = time.monotonic_ns()
        self._open.append(Asked(due, now))
        self._capture.send(self._question.frame)

    def _tell(self, keep: int) -> None:
        while len(self._open) > keep:
            asked = self._open.popleft()
            self.emitter.emit(ArpProbe(due_ns=asked.due_ns, answers=asked.answers), asked.sent_ns)

    def _read(self) -> None:
        for stamp, _, frame in self._capture.read():
            if (mac := self._question.answered(frame)) is None:
                continue
            for asked in reversed(self._open):
                if asked.sent_ns <= stamp - self._offset + STAMPING_NS:
                    asked.answers.append((stamp - self._offset, mac))
                    break

    def _entries(self) -> None:
        stamp = time.monotonic_ns()
        try:
            for address, mac, state in self._neighbours.read():
                if address == self._vip:
                    self.emitter.emit(Neighbour(address=address, mac=mac, state=state), stamp)
        except Overrun as error:
            self.emitter.emit(AgentLost(count=None, reason=str(error)), stamp)

    def stop(self, number: int, frame: FrameType | None) -> None:
        self.running = False


def main() -> None:
    """Ask until SIGTERM."""
    parser = argparse.ArgumentParser(prog="arp", description=__doc__)
    parser.add_argument("--rate", type=float, default=200.0, help="questions a second")
    parser.add_argument("--live", action="store_true", help="write each event at once")
    parser.add_argument("--facts", type=Path, default=FACTS)
    parser.add_argument("--events", type=Path, default=EVENTS)
    words = parser.parse_args()
    about = facts(words.facts)
    asker = Asker(about, Emitter(about["node"], "arp", words.events, many=not words.live), words.rate)
    signal.signal(signal.SIGTERM, asker.stop)
    asker.loop()


if __name__ == "__main__":
    main()
