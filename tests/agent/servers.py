"""TLS servers on loopback that answer, refuse or misbehave, one behaviour each."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import trustme

Talk = Callable[[socket.socket, ssl.SSLContext], None]


class Server:
    """Accepts on a port of its own and hands every connection to `talk`, a thread each."""

    def __init__(self, talk: Talk, context: ssl.SSLContext, backlog: int = 128) -> None:
        self._talk, self._context = talk, context
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.port = self.socket.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._talk(connection, self._context)
        connection.close()


def answering(status: int, headers: str = "") -> Talk:
    """Answer every request of a connection with a status."""

    def talk(connection: socket.socket, context: ssl.SSLContext) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            while _request(secure):
                secure.sendall(f"HTTP/1.1 {status} x\r\nContent-Length: 2\r\n{headers}\r\nok".encode())

    return talk


def resetting(connection: socket.socket, context: ssl.SSLContext) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def closing(connection: socket.socket, context: ssl.SSLContext) -> None:
    with context.wrap_socket(connection, server_side=True) as secure:
        _request(secure)
        secure.unwrap()


def mute(connection: socket.socket, context: ssl.SSLContext) -> None:
    while connection.recv(4096):
        pass


def listening_only(connection: socket.socket, context: ssl.SSLContext) -> None:
    with context.wrap_socket(connection, server_side=True) as secure:
        while secure.recv(4096):
            pass


def _request(secure: ssl.SSLSocket) -> tuple[str, bytes] | None:
    """Return the request's first line and body; None at the end of the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = secure.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")), 0)
    while len(body) < length:
        body += secure.recv(65536)
    return head.split(b"\r\n")[0].decode(), body


def storing(stored: set[str], forgets: Callable[[int], bool]) -> Talk:
    """Be an API server that acknowledges every ConfigMap, and forgets some of them."""
    posts = iter(range(1_000_000))

    def talk(connection: socket.socket, context: ssl.SSLContext) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            while request := _request(secure):
                line, body = request
                if line.startswith("POST"):
                    name = json.loads(body)["metadata"]["name"]
                    if not forgets(next(posts)):
                        stored.add(name)
                    answer, status = b"{}", "201 Created"
                else:
                    answer = json.dumps({"items": [{"metadata": {"name": n}} for n in sorted(stored)]}).encode()
                    status = "200 OK"
                secure.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(answer)}\r\n\r\n".encode() + answer)

    return talk


@contextlib.contextmanager
def serving(talk: Talk, folder: Path, backlog: int = 128) -> Iterator[tuple[Server, Path]]:
    """Yield a server, and a client's facts file that points to it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "ca.crt"))
    server = Server(talk, context, backlog)
    facts = {"node": "client", "endpoint": f"https://127.0.0.1:{server.port}", "ca": str(folder / "ca.crt")}
    (folder / "facts.json").write_text(json.dumps(facts | {"token": "t"}))
    try:
        yield server, folder / "facts.json"
    finally:
        server.socket.close()


def streaming(news: int, ending: threading.Event) -> Talk:
    """Be an API server whose watch streams bring some news, fall silent, and end when told to."""

    def talk(connection: socket.socket, context: ssl.SSLContext) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            _request(secure)
            secure.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for number in range(news):
                time.sleep(0.02)
                secure.sendall(b"2\r\n%d\n\r\n" % number)
            ending.wait(5)

    return talk
