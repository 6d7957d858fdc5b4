"""The observer on a node: addresses, keepalived's states, haproxy's servers and the daemons' lives."""

from __future__ import annotations

import select
import signal
import time
from types import FrameType

from harness.agent.emit import Emitter, facts
from harness.agent.haproxy import Haproxy
from harness.agent.netlink import Addresses, Overrun
from harness.agent.notify import Fifo
from harness.agent.processes import SCAN_NS, Processes
from harness.agent.tracked import Tracked
from harness.agent.turns import prioritise
from harness.events import AgentLost, AgentStart, AgentStop, Vip, VrrpNews, VrrpState

POLL_NS, LOOK_NS = 20_000_000, 1_000_000_000
STATES = ("MASTER", "BACKUP", "FAULT", "STOP")


class Observer:
    """One loop over everything that can be listened to on a node."""

    def __init__(self) -> None:
        about = facts()
        self.emitter = Emitter(about["node"], "node")
        self.emitter.bracket(AgentStart)
        prioritise(self.emitter)  # what it stamps late is late in every figure
        self._vips, self._instance = set(about["vips"]), about["instance"]
        self._fifo = Fifo(about["notify_fifo"])
        self._looked_ns = time.monotonic_ns()  # when no address had changed that is not told yet
        self._addresses = Addresses()
        self._processes = Processes(about["processes"], self.emitter)
        self._tracked = [Tracked(one) for one in about["tracked"]]
        self._poller = select.epoll()
        backends = about["backends"]
        self._haproxies = [Haproxy(path, self.emitter, self._poller, backends) for path in about["haproxy_sockets"]]
        for source in (self._fifo, self._addresses):
            self._poller.register(source.fileno(), select.EPOLLIN)
        self.running = True

    def loop(self) -> None:
        """Listen until told to stop; polls keep their own beat whatever the events do."""
        next_poll = next_scan = next_look = time.monotonic_ns()
        while self.running:
            due = [tracked.due_ns for tracked in self._tracked if tracked.due_ns is not None]
            wait_s = max(0, min(next_poll, next_scan, *due) - time.monotonic_ns()) / 1e9
            looked = time.monotonic_ns()
            ready = [descriptor for descriptor, _ in self._poller.poll(wait_s)]
            if self._addresses.fileno() not in ready:
                self._looked_ns = looked
            for descriptor in ready:
                self._read(descriptor)
            now = time.monotonic_ns()
            if now >= next_poll:
                for haproxy in self._haproxies:
                    haproxy.poll()
                next_poll = max(next_poll + POLL_NS, time.monotonic_ns())
            if now >= next_scan:
                for handle in self._processes.scan():
                    self._poller.register(handle, select.EPOLLIN)
                next_scan = max(next_scan + SCAN_NS, time.monotonic_ns())
            if now >= next_look:
                self.emitter.emit(self._processes.turns())
                next_look = now + LOOK_NS
            for tracked in self._tracked:
                tracked.count(self._processes.living, time.monotonic_ns())

    def _read(self, descriptor: int) -> None:
        stamp = time.monotonic_ns()
        if descriptor == self._fifo.fileno():
            for instance, state, priority in self._fifo.read():
                told = VrrpState if instance == self._instance and state in STATES else VrrpNews
                self.emitter.emit(told(instance=instance, state=state, priority=priority), stamp)
        elif descriptor == self._addresses.fileno():
            self._read_addresses(stamp)
        elif descriptor in self._processes:
            self._poller.unregister(descriptor)
            self._processes.ended(descriptor)
            for tracked in self._tracked:
                tracked.count(self._processes.living, stamp)
        else:
            for haproxy in (h for h in self._haproxies if h.fileno() == descriptor):
                haproxy.read()

    def _read_addresses(self, stamp: int) -> None:
        try:
            for address, interface, present, initial in self._addresses.read():
                if address in self._vips:
                    about = Vip(
                        address=address,
                        interface=interface,
                        present=present,
                        initial=initial,
                        looked_ns=self._looked_ns,
                    )
                    self.emitter.emit(about, stamp)
            self._looked_ns = stamp
        except Overrun as error:
            self.emitter.emit(AgentLost(count=None, reason=str(error)), stamp)

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
