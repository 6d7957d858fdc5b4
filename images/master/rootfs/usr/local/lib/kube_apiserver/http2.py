"""HTTP/2: requests and watches beside each other on one connection, as client-go has all of its on one."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes
from hyperframe.frame import GoAwayFrame

from kube_apiserver.answers import Answer, Refusal, Stream
from kube_apiserver.api import IDLE_S, MAX_BODY, Api

READ = 65536
LINGER_S = 1  # from GOAWAY, or the last stream's end after it, to the connection's (goAwayTimeout of Go's http2)
_SETTINGS = {  # k8s.io/apiserver, secure_serving.go
    SettingCodes.MAX_CONCURRENT_STREAMS: 100,
    SettingCodes.INITIAL_WINDOW_SIZE: 256 * 1024,
    SettingCodes.MAX_FRAME_SIZE: 256 * 1024,
    SettingCodes.MAX_HEADER_LIST_SIZE: 1 << 20,
}


@dataclass
class _Request:
    headers: dict[str, str]
    body: bytearray = field(default_factory=bytearray)


class Http2:
    """One connection; h2 answers pings and settings by itself."""

    def __init__(self, api: Api, reader: StreamReader, writer: StreamWriter) -> None:
        self._api, self._reader, self._writer = api, reader, writer
        # Names and values are decoded here: h2 ends a connection for a byte that is no UTF-8.
        config = H2Configuration(False, None, validate_outbound_headers=False, normalize_outbound_headers=False)
        self._h2 = H2Connection(config)
        self._asked: dict[int, _Request] = {}
        self._answering: dict[int, asyncio.Task[None]] = {}
        self._wider, self._leaving = asyncio.Event(), False

    def leave(self) -> None:
        """Say GOAWAY: what is under way will be answered, and nothing that comes later."""
        if not self._leaving:
            self._leaving = True
            # Not h2's own close_connection: nothing may be sent after that.
            self._writer.write(GoAwayFrame(0, self._h2.highest_inbound_stream_id, ErrorCodes.NO_ERROR).serialize())
            self._close_if_done()

    async def serve(self) -> None:
        """Serve until the connection ends; raise what a broken one raises."""
        self._h2.initiate_connection()
        self._h2.update_settings(_SETTINGS)
        self._flush()
        try:
            while data := await self._read():
                for event in self._h2.receive_data(data):
                    self._take(event)
                self._flush()
                await self._writer.drain()
        except ProtocolError:
            self._flush()  # h2 has a GOAWAY that says what was wrong
        finally:
            for task in self._answering.values():
                task.cancel()

    async def _read(self) -> bytes:
        while True:
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(self._reader.read(READ), IDLE_S)
            if not self._asked and not self._answering:
                self.leave()

    def _take(self, event: Event) -> None:
        match event:
            case RequestReceived() if not self._leaving:
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
                self._asked[event.stream_id] = _Request(headers)
            case DataReceived():
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if request := self._asked.get(event.stream_id):
                    request.body += event.data
                    if len(request.body) > MAX_BODY:
                        self._begin(event.stream_id)
            case StreamEnded() if event.stream_id in self._asked:
                self._begin(event.stream_id)
            case StreamReset():
                self._asked.pop(event.stream_id, None)
                if task := self._answering.get(event.stream_id):
                    task.cancel()
            case WindowUpdated() | RemoteSettingsChanged():
                self._wider.set()
            case ConnectionTerminated():
                self._writer.close()

    def _begin(self, stream: int) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(stream, self._asked.pop(stream)))
        self._answering[stream] = task
        task.add_done_callback(lambda _: self._answered(stream))  # also of one that is cancelled before it begins

    def _answered(self, stream: int) -> None:
        del self._answering[stream]
        self._close_if_done()

    async def _answer(self, stream: int, request: _Request) -> None:
        headers = request.headers
        try:
            if len(request.body) > MAX_BODY:
                answer: Answer | Stream = Refusal(413, f"a body may have {MAX_BODY} bytes").answer()
            else:
                answer = await self._api.answer(headers[":method"], headers[":path"], headers, bytes(request.body))
            await self._say(stream, answer, headers[":method"] != "HEAD")
        except (ProtocolError, OSError):
            pass  # who asked is gone

    async def _say(self, stream: int, answer: Answer | Stream, whole: bool) -> None:
        head = [
            (":status", str(answer.status)),
            ("content-type", answer.kind),
            ("x-harness-node", self._api.node),
            ("cache-control", "no-cache, private"),
        ]
        if not isinstance(answer, Stream):
            head.append(("content-length", str(len(answer.body))))
            body = answer.body if whole else b""
            self._h2.send_headers(stream, head, end_stream=not body)
            await self._send(stream, body, ends=True)
            return
        self._h2.send_headers(stream, head)
        self._flush()
        async with contextlib.aclosing(answer.lines) as lines:
            async for line in lines:
                await self._send(stream, line)
        self._h2.end_stream(stream)
        self._flush()

    async def _send(self, stream: int, data: bytes, ends: bool = False) -> None:
        """Send as much at a time as the client has room for."""
        left = memoryview(data)
        while left:
            room = min(self._h2.local_flow_control_window(stream), self._h2.max_outbound_frame_size)
            if room <= 0:
                self._flush()
                self._wider.clear()
                await self._wider.wait()
                continue
            part, left = left[:room], left[room:]
            self._h2.send_data(stream, part, end_stream=ends and not left)
            self._flush()
            await self._writer.drain()
        self._flush()

    def _flush(self) -> None:
        if data := self._h2.data_to_send():
            self._writer.write(data)

    def _close_if_done(self) -> None:
        if self._leaving and not self._asked and not self._answering:
            asyncio.get_running_loop().call_later(LINGER_S, self._writer.close)
