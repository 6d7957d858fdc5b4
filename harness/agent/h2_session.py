"""One HTTP/2 connection that carries all of a client's requests, kept and given up as client-go does."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, Event, PingAckReceived, ResponseReceived, StreamEnded
from h2.events import StreamReset as Cancelled
from h2.exceptions import ProtocolError

from harness.agent.connection import AT_ONCE, Endpoint, named

# net.Dialer's timeout and keep-alive, TLSHandshakeTimeout (k8s.io/client-go/transport/cache.go); ReadIdleTimeout and
# PingTimeout of golang.org/x/net/http2 (k8s.io/apimachinery/pkg/util/net/http.go).
DIAL_S, KEEPALIVE_S, TLS_S, READ_IDLE_S, PING_S = 30, 30, 10, 30, 15


class Lost(Exception):
    """A request's connection is gone, or never came about; `str` of it is the class of the error."""


@dataclass
class _Asked:
    """A request under way."""

    answered: asyncio.Future[int]
    status: int = 0

    def settle(self, lost: str | None = None) -> None:
        """Hand the answer, or why there will be none, to who still waits for it."""
        if self.answered.done():
            return
        if lost is None:
            self.answered.set_result(self.status)
        else:
            self.answered.set_exception(Lost(lost))


class Session:
    """A connection; `ended` is called once it is over, by `error`, or by nothing where the client left."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._h2 = H2Connection(H2Configuration(header_encoding="utf-8"))
        self._asked: dict[int, _Asked] = {}
        self._ponged = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.port: int = writer.get_extra_info("sockname")[1]
        self.opened_ns = self.last_data_ns = time.monotonic_ns()
        self.served_by: str | None = None
        self.over = False
        self.error: str | None = None
        self.ended: Callable[[Session], None] = lambda _: None

    @classmethod
    async def open(cls, endpoint: Endpoint) -> Session:
        """Dial, shake hands and begin; raise Lost where that fails or takes longer than a client waits."""
        plain = socket.socket(socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET)
        plain.setblocking(False)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_S)
        try:
            dial = asyncio.get_running_loop().sock_connect(plain, (endpoint.host, endpoint.port))
            await asyncio.wait_for(dial, DIAL_S)
        except TimeoutError:
            plain.close()
            raise Lost("connect_timeout") from None
        except OSError as error:
            plain.close()
            raise Lost(named(error)) from error
        try:
            reader, writer = await asyncio.open_connection(
                sock=plain, ssl=endpoint.context, server_hostname=endpoint.host, ssl_handshake_timeout=TLS_S
            )
        except ConnectionAbortedError:
            raise Lost("tls") from None
        except OSError as error:
            raise Lost(named(error)) from error
        session = cls(reader, writer)
        session._begin()
        return session

    def _begin(self) -> None:
        self._h2.initiate_connection()
        self._flush()
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._ping())]

    async def ask(self, authority: str, path: str, token: str) -> int:
        """Return the status of the answer, however long it takes; raise Lost where the connection ends before."""
        asked = _Asked(asyncio.get_running_loop().create_future())
        headers = [(":method", "GET"), (":scheme", "https"), (":authority", authority), (":path", path)]
        headers += [("authorization", f"Bearer {token}")] if token else []
        try:
            stream = self._h2.get_next_available_stream_id()
            self._h2.send_headers(stream, headers, end_stream=True)
        except ProtocolError:  # as many are under way as the server allows
            raise Lost("capped") from None
        self._asked[stream] = asked
        self._flush()
        return await asked.answered

    async def _read(self) -> None:
        try:
            while data := await self._reader.read(AT_ONCE):
                self.last_data_ns = time.monotonic_ns()
                for event in self._h2.receive_data(data):
                    self._take(event)
                self._flush()
            self.end("closed")
        except OSError as error:
            self.end("closed" if isinstance(error, ssl.SSLError) else named(error))
        except ProtocolError:
            self.end("protocol")

    async def _ping(self) -> None:
        while True:
            silent_s = (time.monotonic_ns() - self.last_data_ns) / 1e9
            if silent_s < READ_IDLE_S:
                await asyncio.sleep(READ_IDLE_S - silent_s)
                continue
            self._ponged.clear()
            self._h2.ping(b"harness.")
            self._flush()
            try:
                await asyncio.wait_for(self._ponged.wait(), PING_S)
            except TimeoutError:
                self.end("ping")
                return

    def _take(self, event: Event) -> None:
        match event:
            case ResponseReceived() if asked := self._asked.get(event.stream_id):
                headers = dict(event.headers)
                asked.status, self.served_by = int(headers[":status"]), headers.get("x-harness-node", self.served_by)
            case DataReceived():
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case StreamEnded() if asked := self._asked.pop(event.stream_id, None):
                asked.settle()
            case Cancelled() if asked := self._asked.pop(event.stream_id, None):
                asked.settle("reset")
            case PingAckReceived():
                self._ponged.set()
            case ConnectionTerminated():  # Go would wait for what is under way: some milliseconds
                self.end("goaway")

    def _flush(self) -> None:
        if data := self._h2.data_to_send():
            self._writer.write(data)

    def end(self, error: str | None) -> None:
        """End it, and all that is under way on it; without an error where it is the client who leaves."""
        if self.over:
            return
        self.over, self.error = True, error
        self._writer.transport.abort()
        for asked in self._asked.values():
            asked.settle(error or "unanswered")
        self._asked.clear()
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        self.ended(self)
