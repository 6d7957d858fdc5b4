"""One HTTPS request and its answer on a non-blocking connection, with a stamp at every stage."""

from __future__ import annotations

import errno
import re
import select
import socket
import ssl
import struct
import time
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

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


@dataclass(frozen=True)
class Endpoint:
    """Where requests go, and how its certificate is checked."""

    host: str
    port: int
    context: ssl.SSLContext

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def of(cls, facts: dict[str, Any]) -> Endpoint:
        """Return the endpoint that a client's facts name."""
        address = urlsplit(facts["endpoint"])
        context = ssl.create_default_context(cafile=facts["ca"])
        return cls(address.hostname or "", address.port or 443, context)


class Exchange:
    """A request under way; `connection` afterwards is what may be kept for the next one, or None."""

    def __init__(self, endpoint: Endpoint, request: bytes, due_ns: int, kept: ssl.SSLSocket | None = None) -> None:
        # Its first segment leaves between these two: a process may be put to sleep inside a system call.
        self.due_ns, self.sent_ns = due_ns, time.monotonic_ns()
        self.left_ns: int | None = None
        self.resent = 0  # segments that the kernel sent again, told of an exchange that took long
        self.connected_ns: int | None = None
        self.tls_ns: int | None = None
        self.first_byte_ns: int | None = None
        self.done_ns: int | None = None
        self.status: int | None = None
        self.error: str | None = None
        self.served_by: str | None = None
        self.reused = kept is not None
        self.connection: ssl.SSLSocket | None = kept
        self._endpoint, self._unsent, self._answer = endpoint, request, b""
        self.stage = Stage.ANSWER if kept else Stage.CONNECT
        self.socket: socket.socket = kept if kept is not None else self._socket()
        self._resent_before = _resent(kept) if kept is not None else 0
        self.wants = WRITE
        if kept is None:
            self._open()
        self.port = self.socket.getsockname()[1] if self.socket.fileno() >= 0 else None

    def _socket(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._endpoint.host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def _open(self) -> None:
        code = self.socket.connect_ex((self._endpoint.host, self._endpoint.port))
        self.left_ns = time.monotonic_ns()
        if code not in (0, errno.EINPROGRESS):
            self._fail(named(OSError(code, "")))

    def advance(self) -> None:
        """Go as far as the socket lets it; sets `wants` to what it then waits for, and `stage` to DONE at the end."""
        try:
            if self.stage is Stage.CONNECT:
                self._connected()
            if self.stage is Stage.TLS:
                self._secure().do_handshake()
                self.tls_ns = time.monotonic_ns()
                self.stage = Stage.ANSWER
            if self.stage is Stage.ANSWER:
                self._talk()
        except ssl.SSLWantReadError:
            self.wants = READ
        except (ssl.SSLWantWriteError, BlockingIOError):
            self.wants = WRITE
        except OSError as error:
            self._fail(named(error))

    @property
    def connected(self) -> bool:
        try:
            self.socket.getpeername()
        except OSError:
            return False
        return True

    @property
    def finished(self) -> bool:
        return self.stage is Stage.DONE

    def overdue(self) -> None:
        """End it because its time is up."""
        if self.stage is not Stage.DONE:
            self._fail(_OVERDUE[self.stage])

    def _connected(self) -> None:
        code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, "connect")
        self.connected_ns = time.monotonic_ns()
        self.connection = self._endpoint.context.wrap_socket(
            self.socket, do_handshake_on_connect=False, server_hostname=self._endpoint.host
        )
        self.socket = self.connection
        self.stage = Stage.TLS

    def _secure(self) -> ssl.SSLSocket:
        assert self.connection is not None
        return self.connection

    def _talk(self) -> None:
        connection = self._secure()
        if self._unsent:
            while self._unsent:
                self._unsent = self._unsent[connection.send(self._unsent) :]
                self.left_ns = self.left_ns or time.monotonic_ns()
            self.wants = READ
            return  # nothing can have come yet
        while self.stage is Stage.ANSWER:
            data = connection.recv(65536)
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

    def _fail(self, error: str) -> None:
        self.error, self.done_ns, self.stage = error, time.monotonic_ns(), Stage.DONE
        self._count_resent()
        self.close()

    def _count_resent(self) -> None:
        if self.done_ns is not None and self.done_ns - self.sent_ns > LONG_NS and self.socket.fileno() >= 0:
            self.resent = _resent(self.socket) - self._resent_before

    def close(self) -> None:
        """Close the connection; nothing is kept."""
        self.socket.close()
        self.connection = None


def _resent(sock: socket.socket) -> int:
    """Return how many segments a connection's kernel has sent again: tcpi_total_retrans of linux/tcp.h."""
    count: int = struct.unpack_from("I", sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 100)[0]
    return count


def named(error: OSError) -> str:
    """Return the class of a socket's error."""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "closed"
    if isinstance(error, ssl.SSLError):
        return "closed" if "EOF" in str(error) else "tls"
    match error.errno:
        case errno.ECONNREFUSED:
            return "refused"
        case errno.EHOSTUNREACH | errno.ENETUNREACH:
            return "unreachable"
        case errno.ETIMEDOUT:
            return "connect_timeout"
    return "reset"
