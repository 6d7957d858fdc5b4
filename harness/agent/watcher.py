"""The watcher: long-lived `watch` streams through the VIP, and how long a client believes in one that is dead."""

from __future__ import annotations

import argparse
import json
import signal
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.agent.connection import Endpoint, named
from harness.agent.emit import EVENTS, FACTS, Emitter
from harness.events import AgentStart, AgentStop, Watch, WatchUnopened

PATH = "/api/v1/namespaces/default/configmaps?watch=true"
AGAIN_S = 0.5
# client-go's dialer: Timeout and KeepAlive of 30 s (k8s.io/client-go/transport/cache.go). Nothing else ends a stream
# whose server is gone; a probe that reaches another server is answered with a reset.
CONNECT_S, KEEPALIVE_S = 30, 30


@dataclass
class Followed:
    """A stream from its opening to its end; `last_data_ns` is the last time anything came."""

    stream: int
    opened_ns: int
    last_data_ns: int
    chunks: int = 0
    served_by: str | None = None
    quiet_from_ns: int = 0
    quiet_until_ns: int = 0

    def to_its_end(self, secure: socket.socket) -> str:
        """Read until nothing more will come, and return why."""
        try:
            while secure.recv(65536):
                before, self.last_data_ns = self.last_data_ns, time.monotonic_ns()
                if self.last_data_ns - before > self.quiet_until_ns - self.quiet_from_ns:
                    self.quiet_from_ns, self.quiet_until_ns = before, self.last_data_ns
                self.chunks += 1
        except OSError as error:
            return named(error)
        return "closed"


class Watcher:
    """Keeps streams open, each in a thread of its own that mostly sleeps."""

    def __init__(self, facts: dict[str, Any], emitter: Emitter) -> None:
        self._endpoint, self._emitter = Endpoint.of(facts), emitter
        authorization = f"Authorization: Bearer {facts['token']}\r\n" if facts["token"] else ""
        self._request = (
            f"GET {facts.get('watch') or PATH} HTTP/1.1\r\nHost: {self._endpoint.authority}\r\n"
            f"{authorization}Accept: application/json\r\n\r\n"
        ).encode()
        self._open: dict[int, Followed] = {}
        self._lock = threading.Lock()

    def keep(self, number: int) -> None:
        """Open a stream, follow it to its end, and open the next, for ever."""
        while True:
            dialled_ns = time.monotonic_ns()
            try:
                error = self._follow(number)
            except OSError as failed:
                error = named(failed)
            if error:
                self._emitter.emit(WatchUnopened(stream=number, dialled_ns=dialled_ns, error=error))
            time.sleep(AGAIN_S)

    def _follow(self, number: int) -> str:
        """Follow a stream to its end; return why none came about."""
        endpoint = self._endpoint
        with socket.create_connection((endpoint.host, endpoint.port), timeout=CONNECT_S) as plain:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_S)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_S)
            with endpoint.context.wrap_socket(plain, server_hostname=endpoint.host) as secure:
                secure.sendall(self._request)
                head = secure.recv(65536)
                if b" 200 " not in head.split(b"\r\n", 1)[0]:
                    return "status" if head else "closed"
                now = time.monotonic_ns()
                followed = self._open[number] = Followed(number, now, now, served_by=_server(head))
                secure.settimeout(None)
                self._end(number, followed.to_its_end(secure))
        return ""

    def _end(self, number: int, error: str | None) -> None:
        with self._lock:
            followed = self._open.pop(number, None)
            if followed is not None:
                self._emitter.emit(Watch(**vars(followed), error=error))

    def stop(self) -> None:
        """Write down what is still open: error None. Who is about to write an end gets to do so first."""
        with self._lock:
            for followed in self._open.values():
                self._emitter.emit(Watch(**vars(followed), error=None))
            self._open.clear()


def _server(head: bytes) -> str | None:
    """Return who says in an answer's head that it answers."""
    lines = (line.partition(b":") for line in head.split(b"\r\n\r\n")[0].split(b"\r\n"))
    return next((said.strip().decode() for name, _, said in lines if name.lower() == b"x-harness-node"), None)


def main() -> None:
    """Watch until SIGTERM."""
    parser = argparse.ArgumentParser(prog="watcher", description=__doc__)
    parser.add_argument("--streams", type=int, default=6, help="watch streams that are kept open")
    parser.add_argument("--facts", type=Path, default=FACTS)
    parser.add_argument("--events", type=Path, default=EVENTS)
    words = parser.parse_args()
    facts = json.loads(words.facts.read_text())
    emitter = Emitter(facts["node"], "watcher", words.events)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    emitter.bracket(AgentStart)
    watcher = Watcher(facts, emitter)
    for number in range(words.streams):
        threading.Thread(target=watcher.keep, args=(number,), daemon=True).start()
    signal.sigwait({signal.SIGTERM})
    watcher.stop()
    emitter.bracket(AgentStop)


if __name__ == "__main__":
    main()
