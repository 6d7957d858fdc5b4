"""The prober: fresh and kept-alive HTTPS requests through the VIP at a steady rate, one record each."""

from __future__ import annotations

import argparse
import json
import signal
import time
from pathlib import Path
from typing import Any

from harness.agent.configmap import COLLECTION, TARGET
from harness.agent.connection import Connection, Endpoint
from harness.agent.emit import EVENTS, FACTS, Emitter
from harness.agent.exchange import Exchange
from harness.agent.openloop import Loop, Stream
from harness.agent.turns import prioritise
from harness.events import AgentStart, AgentStop, Probe, ProbeCapped, ProberSummary, Schedule

TARGETS = {"readyz": "/readyz", "read": f"{COLLECTION}/{TARGET}"}

# As many as client-go keeps for a host (idleConnsPerHost in transport/cache.go): what a stall has opened beyond that
# would meet the next change of owner one by one, for as long as it takes to ask on each.
MOST_IDLE = 25


class Prober:
    """Builds the two streams and writes down what becomes of each request."""

    def __init__(self, facts: dict[str, Any], emitter: Emitter, read_every: int = 4) -> None:
        """One request in `read_every` reads from etcd; with 0 none does."""
        self._every = read_every
        self._endpoint, self._emitter = Endpoint.of(facts), emitter
        self._requests = {
            (target, keep): _request(path, self._endpoint, facts["token"], keep)
            for target, path in TARGETS.items()
            for keep in (True, False)
        }
        self._idle: list[Connection] = []

    def streams(self, rate_fresh: float, rate_kept: float, cap: int) -> list[Stream]:
        """Return the streams; their starts lie half a period apart, so that they do not beat together."""
        start = time.monotonic_ns() + 20_000_000
        made = []
        for name, rate, keep in (("fresh", rate_fresh, False), ("kept", rate_kept, True)):
            if rate > 0:
                period = round(1e9 / rate)
                made.append(self._stream(name, period, start + (period // 2 if keep else 0), keep, cap))
        return made

    def _stream(self, name: str, period_ns: int, start_ns: int, keep: bool, cap: int) -> Stream:
        def begin(number: int, due_ns: int) -> Exchange:
            kept = self._idle.pop(0) if keep and self._idle else None
            return Exchange(self._endpoint, self._requests[self._target(number), keep], due_ns, kept)

        def done(number: int, exchange: Exchange) -> None:
            if exchange.connection is not None:
                if keep and exchange.error is None and len(self._idle) < MOST_IDLE:
                    self._idle.append(exchange.connection)
                else:
                    exchange.close()
            self._record(name, self._target(number), exchange)

        def capped(number: int, due_ns: int) -> None:
            self._emitter.emit(ProbeCapped(stream=name, target=self._target(number), due_ns=due_ns))

        return Stream(name, period_ns, start_ns, begin, done, capped, cap)

    def _target(self, number: int) -> str:
        # A linearizable read costs etcd 3 ms of processor, more than all else of a request: one in four is enough.
        return "read" if self._every and number % self._every == 0 else "readyz"

    def _record(self, stream: str, target: str, exchange: Exchange) -> None:
        assert exchange.done_ns is not None
        asked = Probe(
            stream=stream,
            target=target,
            due_ns=exchange.due_ns,
            sent_ns=exchange.sent_ns,
            left_ns=exchange.left_ns,
            connected_ns=exchange.connected_ns,
            hello_ns=exchange.hello_ns,
            tls_ns=exchange.tls_ns,
            asked_ns=exchange.asked_ns,
            first_byte_ns=exchange.first_byte_ns,
            done_ns=exchange.done_ns,
            reused=exchange.reused,
            resent=exchange.resent,
            port=exchange.port,
            status=exchange.status,
            error=exchange.error,
            served_by=exchange.served_by,
        )
        self._emitter.emit(asked, exchange.done_ns)


def _request(path: str, endpoint: Endpoint, token: str, keep: bool) -> bytes:
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {endpoint.authority}\r\n{authorization}"
        f"Accept: application/json\r\nConnection: {'keep-alive' if keep else 'close'}\r\n\r\n"
    ).encode()


def summary(stream: Stream) -> Schedule:
    """Return how well a stream kept its schedule."""
    late = sorted(stream.lateness_ns)
    if not late:
        return Schedule(sent=stream.sent, cap_hits=stream.cap_hits)
    return Schedule(
        sent=stream.sent,
        cap_hits=stream.cap_hits,
        lateness_ns_p50=late[len(late) // 2],
        lateness_ns_p99=late[min(len(late) - 1, len(late) * 99 // 100)],
        lateness_ns_max=late[-1],
    )


def main() -> None:
    """Probe until SIGTERM."""
    words = _words()
    facts = json.loads(words.facts.read_text())
    emitter = Emitter(facts["node"], "prober", words.events, many=not words.live)
    loop = Loop(round(words.deadline * 1e9))
    signal.signal(signal.SIGTERM, loop.stop)
    emitter.bracket(AgentStart)
    prioritise(emitter)
    streams = Prober(facts, emitter, words.read_every).streams(words.rate_fresh, words.rate_kept, words.cap)
    loop.run(streams)
    emitter.emit(ProberSummary(streams={stream.name: summary(stream) for stream in streams}))
    emitter.bracket(AgentStop)


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="prober", description=__doc__)
    parser.add_argument("--rate-fresh", type=float, default=100.0, help="requests a second, a connection each")
    parser.add_argument("--rate-kept", type=float, default=100.0, help="requests a second on kept connections")
    parser.add_argument("--deadline", type=float, default=1.0, help="seconds a request may take from when it was due")
    parser.add_argument("--cap", type=int, default=256, help="requests of a stream that may be under way at once")
    parser.add_argument("--read-every", type=int, default=4, help="one request in so many reads from etcd; 0: none")
    parser.add_argument("--live", action="store_true", help="write each event at once")
    parser.add_argument("--facts", type=Path, default=FACTS)
    parser.add_argument("--events", type=Path, default=EVENTS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
