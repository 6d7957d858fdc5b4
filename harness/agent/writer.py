"""The writer: puts a new ConfigMap again and again, and at the end reads back all that was acknowledged."""

from __future__ import annotations

import argparse
import http.client
import json
import secrets
import signal
import time
from pathlib import Path
from typing import Any

from harness.agent.configmap import COLLECTION, call, configmap
from harness.agent.connection import Connection, Endpoint
from harness.agent.emit import EVENTS, FACTS, Emitter
from harness.agent.exchange import Exchange
from harness.agent.openloop import Loop, Stream
from harness.events import AgentStart, AgentStop, Readback, Write, WriteCapped

READBACK_PATIENCE_S = 30.0


class Writer:
    """Writes under names of its own, and keeps account of what was acknowledged."""

    def __init__(self, facts: dict[str, Any], emitter: Emitter) -> None:
        self._endpoint, self._token, self._emitter = Endpoint.of(facts), facts["token"], emitter
        self._prefix = f"w-{secrets.token_hex(4)}-"
        self._idle: list[Connection] = []
        self._acknowledged: set[str] = set()
        self._written: set[str] = set()

    def stream(self, period_s: float) -> Stream:
        """Return the open-loop schedule of writes, on kept connections as controllers use them."""
        return Stream(
            "writes", round(period_s * 1e9), time.monotonic_ns() + 20_000_000, self._begin, self._done, self._capped, 64
        )

    def read_back(self) -> None:
        """List all ConfigMaps, retrying for a bounded time, and write down what of the acknowledged is missing."""
        deadline, error = time.monotonic() + READBACK_PATIENCE_S, "not tried"
        while time.monotonic() < deadline:
            try:
                status, body = call(self._endpoint, self._token, "GET")
            except (OSError, http.client.HTTPException) as failure:
                error = str(failure)
            else:
                if status == 200:
                    self._compare({item["metadata"]["name"] for item in json.loads(body)["items"]})
                    return
                error = f"status {status}"
            time.sleep(0.2)
        self._emitter.emit(Readback(names_checked=0, lost=None, unexpected=None, error=error))

    def _compare(self, there: set[str]) -> None:
        unexpected = {name for name in there if name in self._written} - self._acknowledged
        lost = self._acknowledged - there
        self._emitter.emit(
            Readback(names_checked=len(self._acknowledged), lost=sorted(lost), unexpected=sorted(unexpected))
        )

    def _name(self, number: int) -> str:
        return f"{self._prefix}{number:06d}"

    def _begin(self, number: int, due_ns: int) -> Exchange:
        body = configmap(self._name(number))
        self._written.add(self._name(number))
        head = (
            f"POST {COLLECTION} HTTP/1.1\r\nHost: {self._endpoint.authority}\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return Exchange(self._endpoint, head.encode() + body, due_ns, self._idle.pop(0) if self._idle else None)

    def _done(self, number: int, exchange: Exchange) -> None:
        acknowledged = exchange.status == 201
        if acknowledged and exchange.connection is not None:
            self._idle.append(exchange.connection)
        else:
            exchange.close()
        if acknowledged:
            self._acknowledged.add(self._name(number))
        assert exchange.done_ns is not None
        asked = Write(
            name=self._name(number),
            due_ns=exchange.due_ns,
            sent_ns=exchange.sent_ns,
            done_ns=exchange.done_ns,
            status=exchange.status,
            error=exchange.error,
            acknowledged=acknowledged,
            served_by=exchange.served_by,
        )
        self._emitter.emit(asked, exchange.done_ns)

    def _capped(self, number: int, due_ns: int) -> None:
        self._emitter.emit(WriteCapped(name=self._name(number), due_ns=due_ns))


def main() -> None:
    """Write until SIGTERM, then read back."""
    parser = argparse.ArgumentParser(prog="writer", description=__doc__)
    parser.add_argument("--period", type=float, default=0.05, help="seconds from one write to the next")
    parser.add_argument("--deadline", type=float, default=1.0, help="seconds a write may take from when it was due")
    parser.add_argument("--facts", type=Path, default=FACTS)
    parser.add_argument("--events", type=Path, default=EVENTS)
    words = parser.parse_args()
    facts = json.loads(words.facts.read_text())
    emitter = Emitter(facts["node"], "writer", words.events)
    loop = Loop(round(words.deadline * 1e9))
    signal.signal(signal.SIGTERM, loop.stop)
    emitter.bracket(AgentStart)
    writer = Writer(facts, emitter)
    loop.run([writer.stream(words.period)])
    writer.read_back()
    emitter.bracket(AgentStop)


if __name__ == "__main__":
    main()
