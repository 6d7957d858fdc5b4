"""One HTTPS request and its answer on a non-blocking connection, with a stamp at every stage."""

from __future__ import annotations

import re
import select
import time
from enum import IntEnum

from harness.agent.connection import Connection, Endpoint, named

READ, WRITE = select.EPOLLIN, select.EPOLLOUT
LONG_NS = 100_000_000  # no segment is sent again sooner than after twice this (TCP_RTO_MIN)


# Those that matter here; reading every one costs as much as all else that Python does for a request.
_HEADERS = re.compile(rb"\r\n(content-length|x-harness-node|connection):[ \t]*([^\r]*)", re.IGNORECASE)


class Stage(IntEnum):
    """How far an exchange has come; what it is at when its time is up names its error."""

    CONNECT = 0
    TLS = 1
    ANSWER = 2
    DONE = 3


_OVERDUE = {Stage.CONNECT: "connect_timeout", Stage.TLS: "tls", Stage.ANSWER: "response_timeout"}


class Exchange:
    """A request under way; `connection` afterwards is what may be kept for the next one, or None."""

    def __init__(self, endpoint: Endpoint, request: bytes, due_ns: int, kept: Connection | None = None) -> None:
        # Its first segment leaves between these two: a process may be put to sleep inside a system call.
        self.due_ns, self.sent_ns = due_ns, time.monotonic_ns()
        self.left_ns: int | None = None
        self.resent = 0  # segments that the kernel sent again, told of an exchange that took long
        self.connected_ns: int | None = None
        self.hello_ns: int | None = None  # the handshake's first words have left, and then the request
        self.asked_ns: int | None = None
        self.tls_ns: int | None = None
        self.first_byte_ns: int | None = None
        self.done_ns: int | None = None
        self.status: int | None = None
        self.error: str | None = None
        self.served_by: str | None = None
        self.reused = kept is not None
        self._unsent, self._answer = request, b""
        self.stage = Stage.ANSWER if kept else Stage.CONNECT
        self.connection: Connection | None = kept or Connection(endpoint)
        self._resent_before = kept.resent() if kept is not None else 0
        self.wants = WRITE
        if kept is None:
            self._open(self.connection)
        self.port = self.connection.port if self.connection is not None else None

    def _open(self, connection: Connection) -> None:
        try:
            self.left_ns = connection.open()
        except OSError as error:
            self._fail(named(error))

    def fileno(self) -> int:
        """Return what to wait on; -1 once the connection is closed."""
        return self.connection.socket.fileno() if self.connection is not None else -1

    @property
    def connected(self) -> bool:
        return self.connection is not None and self.connection.opened

    @property
    def finished(self) -> bool:
        return self.stage is Stage.DONE

    def advance(self) -> None:
        """Go as far as the socket lets it; sets `wants` to what it then waits for, and `stage` to DONE at the end."""
        assert self.connection is not None
        try:
            if self.stage is Stage.CONNECT:
                self.connection.check()
                self.connected_ns, self.stage = time.monotonic_ns(), Stage.TLS
            if self.stage is Stage.TLS and self._shaken(self.connection):
                self.tls_ns, self.stage = time.monotonic_ns(), Stage.ANSWER
            if self.stage is Stage.ANSWER:
                self._talk(self.connection)
        except OSError as error:
            self._fail(named(error))

    def _shaken(self, connection: Connection) -> bool:
        done = connection.shake()
        self.hello_ns = self.hello_ns or time.monotonic_ns()
        self.wants = READ
        return done

    def _talk(self, connection: Connection) -> None:
        if self._unsent or self.wants == WRITE:
            all_left = connection.send(self._unsent) if self._unsent else connection.flush()
            self._unsent = b""
            self.asked_ns = time.monotonic_ns()
            self.left_ns = self.left_ns or self.asked_ns
            self.wants = READ if all_left else WRITE
            return  # nothing can have come yet
        data = connection.receive()
        if data is None:
            return
        if not data:
            self._fail("closed")
            return
        if self.first_byte_ns is None:
            self.first_byte_ns = time.monotonic_ns()
        self._answer += data
        self._read_answer()

    def _read_answer(self) -> None:
        head, separator, body = self._answer.partition(b"\r\n\r\n")
        if not separator:
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in _HEADERS.findall(head)}
        if len(body) < int(headers.get(b"content-length", "0")):
            return
        self.done_ns, self.stage = time.monotonic_ns(), Stage.DONE
        self._count_resent()
        self.status, self.served_by = int(head.split(None, 2)[1]), headers.get(b"x-harness-node")
        if self.status >= 400:
            self.error = f"{self.status // 100}xx"
        if headers.get(b"connection", "").lower() == "close":
            self.close()

    def overdue(self) -> None:
        """End it because its time is up."""
        if self.stage is not Stage.DONE:
            self._fail(_OVERDUE[self.stage])

    def _fail(self, error: str) -> None:
        self.error, self.done_ns, self.stage = error, time.monotonic_ns(), Stage.DONE
        self._count_resent()
        self.close()

    def _count_resent(self) -> None:
        if self.connection is not None and self.done_ns is not None and self.done_ns - self.sent_ns > LONG_NS:
            self.resent = self.connection.resent() - self._resent_before

    def close(self) -> None:
        """Close the connection; nothing is kept."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None
