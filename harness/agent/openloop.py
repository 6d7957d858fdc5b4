"""Requests sent when they are due, whatever became of the ones before them."""

from __future__ import annotations

import gc
import select
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from harness.agent.exchange import READ, Exchange
from harness.agent.timer import Timer


@dataclass
class Stream:
    """A schedule: request k is due at start + k × period, and never drifts."""

    name: str
    period_ns: int
    start_ns: int
    begin: Callable[[int, int], Exchange]  # (k, due_ns) → the exchange, already on its way
    done: Callable[[int, Exchange], None]
    capped: Callable[[int, int], None]
    cap: int = 256
    sent: int = 0
    cap_hits: int = 0
    in_flight: int = 0
    lateness_ns: list[int] = field(default_factory=list)

    @property
    def due_ns(self) -> int:
        return self.start_ns + (self.sent + self.cap_hits) * self.period_ns


class Loop:
    """Runs streams until told to stop, maybe before they do; then waits for what is under way until its deadline."""

    def __init__(self, deadline_ns: int) -> None:
        self._deadline_ns = deadline_ns
        self._streams: list[Stream] = []
        self._poller, self._timer = select.epoll(), Timer()
        self._poller.register(self._timer.fileno(), READ)
        self._under_way: dict[int, tuple[Stream, int, Exchange]] = {}
        self._by_due: deque[tuple[Stream, int, Exchange]] = deque()
        self.running = True

    def stop(self, number: int, frame: FrameType | None) -> None:
        self.running = False

    def run(self, streams: list[Stream]) -> None:
        """Send what the streams have due, until told to stop."""
        self._streams = streams
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000)  # a collection in the middle of a request would be taken for the chain's latency
        armed = 0
        while self.running:
            due = min(stream.due_ns for stream in self._streams)
            if due != armed:
                self._timer.set(due)
                armed = due
            self._wait(0.1)
            self._send_due()
        while self._under_way:
            self._wait(0.01)

    def _send_due(self) -> None:
        for stream in self._streams:
            while (due_ns := stream.due_ns) <= time.monotonic_ns():
                number = stream.sent + stream.cap_hits
                if stream.in_flight >= stream.cap:
                    stream.cap_hits += 1
                    stream.capped(number, due_ns)
                    continue
                exchange = stream.begin(number, due_ns)
                stream.sent += 1
                stream.lateness_ns.append(exchange.sent_ns - due_ns)
                self._start(stream, number, exchange)

    def _start(self, stream: Stream, number: int, exchange: Exchange) -> None:
        stream.in_flight += 1
        entry = (stream, number, exchange)
        if not exchange.finished:
            if exchange.connected:  # near by, a connection has come about when connect() returns: one turn less
                exchange.advance()
            if not exchange.finished:
                self._under_way[exchange.fileno()] = entry
                self._poller.register(exchange.fileno(), exchange.wants)
                self._by_due.append(entry)
                return
        self._finish(entry)

    def _wait(self, seconds: float) -> None:
        for descriptor, _ in self._poller.poll(seconds):
            if descriptor == self._timer.fileno():
                self._timer.clear()
            elif descriptor in self._under_way:
                self._advance(descriptor)
        self._end_overdue()

    def _advance(self, descriptor: int) -> None:
        entry = self._under_way[descriptor]
        exchange = entry[2]
        wanted = exchange.wants
        exchange.advance()
        if exchange.finished:
            self._release(descriptor, exchange)
            self._finish(entry)
        elif exchange.wants != wanted:
            self._poller.modify(descriptor, exchange.wants)

    def _end_overdue(self) -> None:
        now = time.monotonic_ns()
        while self._by_due:
            entry = self._by_due[0]
            exchange = entry[2]
            if not exchange.finished:
                if exchange.due_ns + self._deadline_ns > now:
                    return
                descriptor = exchange.fileno()
                exchange.overdue()
                self._release(descriptor, exchange)
                self._finish(entry)
            self._by_due.popleft()

    def _release(self, descriptor: int, exchange: Exchange) -> None:
        del self._under_way[descriptor]
        if exchange.connection is not None:
            self._poller.unregister(descriptor)  # a closed one has left by itself

    def _finish(self, entry: tuple[Stream, int, Exchange]) -> None:
        stream, number, exchange = entry
        stream.in_flight -= 1
        stream.done(number, exchange)
