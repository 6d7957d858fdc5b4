"""Clients as client-go makes them: each has all of its requests on one HTTP/2 connection, and no short deadline."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import time
from pathlib import Path
from typing import Any

from harness.agent.connection import Endpoint
from harness.agent.emit import EVENTS, FACTS, Emitter
from harness.agent.h2_session import Lost, Session
from harness.agent.turns import prioritise
from harness.events import AgentStart, AgentStop, H2Request, H2Session

PATH = "/version"  # what needs no etcd: a client is dark where its connection is


class Client:
    """Asks at a steady rate, whatever became of what it asked before, on one connection while that lives."""

    def __init__(self, number: int, facts: dict[str, Any], endpoint: Endpoint, emitter: Emitter) -> None:
        self._number, self._token, self._endpoint, self._emitter = number, facts["token"], endpoint, emitter
        self._sessions: list[Session] = []
        self._waiting: set[asyncio.Future[Session]] = set()
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self, start_ns: int, period_ns: int) -> None:
        """Ask for ever: request k is due at start + k × period."""
        due_ns = start_ns
        while True:
            await asyncio.sleep(max(0, due_ns - time.monotonic_ns()) / 1e9)
            self._start(self._ask(due_ns))
            due_ns += period_ns

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _ask(self, due_ns: int) -> None:
        sent_ns, session, status, error = time.monotonic_ns(), None, None, None
        try:
            session = await self._connected()
            status = await session.ask(self._endpoint.authority, PATH, self._token)
        except Lost as lost:
            error = str(lost)
        except asyncio.CancelledError:
            error = "unanswered"
        carried = self._sessions.index(session) if session else None
        self._emitter.emit(
            H2Request(client=self._number, session=carried, due_ns=due_ns, sent_ns=sent_ns, status=status, error=error)
        )

    async def _connected(self) -> Session:
        """Return the connection; where there is none dial one, and take whichever dial is through first."""
        if self._sessions and not self._sessions[-1].over:
            return self._sessions[-1]
        waiter: asyncio.Future[Session] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        self._start(self._dial(waiter))
        try:
            return await waiter
        finally:
            self._waiting.discard(waiter)

    async def _dial(self, waiter: asyncio.Future[Session]) -> None:
        try:
            session = await Session.open(self._endpoint)
        except Lost as lost:
            if not waiter.done():
                waiter.set_exception(lost)
            return
        if self._sessions and not self._sessions[-1].over:
            session.end(None)
            return
        session.ended = self._record
        self._sessions.append(session)
        for one in self._waiting:
            if not one.done():
                one.set_result(session)

    def _record(self, session: Session) -> None:
        self._emitter.emit(
            H2Session(
                client=self._number,
                session=self._sessions.index(session),
                opened_ns=session.opened_ns,
                last_data_ns=session.last_data_ns,
                error=session.error,
                port=session.port,
                served_by=session.served_by,
            )
        )

    async def leave(self) -> None:
        """Give up what is under way, and write down what is still open."""
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        for session in self._sessions[-1:]:
            session.end(None)


async def ask(facts: dict[str, Any], emitter: Emitter, clients: int, rate: float) -> None:
    """Have so many clients ask, their requests evenly apart, until SIGTERM."""
    endpoint = Endpoint.of(facts)
    endpoint.context.set_alpn_protocols(["h2"])
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    start_ns, period_ns = time.monotonic_ns(), round(1e9 / rate)
    all_ = [Client(number, facts, endpoint, emitter) for number in range(clients)]
    running = [
        asyncio.create_task(client.run(start_ns + number * period_ns // clients, period_ns))
        for number, client in enumerate(all_)
    ]
    await stopped.wait()
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for client in all_:
        await client.leave()


def main() -> None:
    """Ask until SIGTERM."""
    parser = argparse.ArgumentParser(prog="h2-clients", description=__doc__)
    parser.add_argument("--clients", type=int, default=6, help="clients, a connection each")
    parser.add_argument("--rate", type=float, default=2.0, help="requests a second of each")
    parser.add_argument("--facts", type=Path, default=FACTS)
    parser.add_argument("--events", type=Path, default=EVENTS)
    words = parser.parse_args()
    facts = json.loads(words.facts.read_text())
    emitter = Emitter(facts["node"], "h2", words.events)
    emitter.bracket(AgentStart)
    prioritise(emitter)
    asyncio.run(ask(facts, emitter, words.clients, words.rate))
    emitter.bracket(AgentStop)


if __name__ == "__main__":
    main()
