"""A client that speaks HTTP/2 on one connection, and hands out what it hears."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any

from h2.config import H2Configuration
from h2.connection import ConnectionState, H2Connection
from h2.events import ConnectionTerminated, DataReceived, Event, ResponseReceived, StreamEnded


class Client2:
    """Everything that was heard is in `heard`; `gives_room` says whether it lets the server send on."""

    def __init__(self, port: int, context: ssl.SSLContext, token: str = "sesame") -> None:
        context.set_alpn_protocols(["h2"])
        self.socket = context.wrap_socket(
            socket.create_connection(("127.0.0.1", port), timeout=10), server_hostname="127.0.0.1"
        )
        assert self.socket.selected_alpn_protocol() == "h2"
        self.h2 = H2Connection(H2Configuration(header_encoding="utf-8"))
        self._token = token
        self.heard: list[Event] = []
        self.gives_room, self.ended = True, False
        self.h2.initiate_connection()
        self.send()

    def send(self) -> None:
        """Send what h2 has to say."""
        self.socket.sendall(self.h2.data_to_send())

    def ask(self, method: str, path: str, body: bytes = b"") -> int:
        """Send a request; return its stream."""
        stream: int = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, self.head(method, path), end_stream=not body)
        while body:
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if not room:
                self.hear()
                continue
            self.h2.send_data(stream, body[:room], end_stream=len(body) <= room)
            body = body[room:]
            self.send()
        self.send()
        return stream

    def head(self, method: str, path: str) -> list[tuple[str, str]]:
        """Return a request's headers."""
        head = [(":method", method), (":scheme", "https"), (":authority", "stub"), (":path", path)]
        return head + ([("authorization", f"Bearer {self._token}")] if self._token else [])

    def hear(self) -> None:
        """Wait for more from the server, and take note of it."""
        assert not self.ended, [event for event in self.heard if isinstance(event, ConnectionTerminated)]
        data = self.socket.recv(65536)
        self.ended = not data
        for event in self.h2.receive_data(data):
            self.heard.append(event)
            if isinstance(event, ConnectionTerminated):  # h2 takes that for the end, though what was asked may follow
                self.h2.state_machine.state = ConnectionState.CLIENT_OPEN
            if self.gives_room and isinstance(event, DataReceived):
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        self.send()

    def until(self, heard: Callable[[Event], bool]) -> Any:
        """Return the first event that is meant, which may have been heard already."""
        while not (found := next(filter(heard, self.heard), None)):
            self.hear()
        return found

    def answer(self, stream: int) -> tuple[int, str]:
        """Return (status, body) once a stream has ended."""
        self.until(lambda event: isinstance(event, StreamEnded) and event.stream_id == stream)
        return self.status(stream), self.body(stream).decode()

    def status(self, stream: int) -> int:
        """Return a stream's status once it is there."""
        head = self.until(lambda event: isinstance(event, ResponseReceived) and event.stream_id == stream)
        return int(dict(head.headers)[":status"])

    def body(self, stream: int) -> bytes:
        """Return what has come of a stream's body."""
        return b"".join(e.data for e in self.heard if isinstance(e, DataReceived) and e.stream_id == stream)

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()
