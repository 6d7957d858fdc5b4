"""TLS servers on loopback that answer, refuse or misbehave, one behaviour each."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import trustme

Talk = Callable[[socket.socket, ssl.SSLContext], None]
BACKLOG = 128  # connections that may wait for a server that has no processor


class Server:
    """Accepts on a port of its own and hands every connection to `talk`, a thread each."""

    def __init__(self, talk: Talk, context: ssl.SSLContext) -> None:
        self._talk, self._context = talk, context
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self.port = self._socket.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._talk(connection, self._context)
        connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # which ends the thread that accepts; closing alone leaves it waiting
        self._socket.close()


def answering(status: int, headers: str = "") -> Talk:
    """Answer every request of a connection with a status."""

    def talk(connection: socket.socket, context: ssl.SSLContext) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            while _request(secure):
                secure.sendall(f"HTTP/1.1 {status} x\r\nContent-Length: 2\r\n{headers}\r\nok".encode())

    return talk


def answering_until(down: threading.Event) -> Talk:
    """Answer until something is down: then a connection is closed in place of an answer."""

    def talk(connection: socket.socket, context: ssl.SSLContext) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            while _request(secure) and not down.is_set():
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

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
def serving(talk: Talk, folder: Path) -> Iterator[tuple[Server, Path]]:
    """Yield a server, and a client's facts file that points to it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = Server(talk, context)
    try:
        yield server, facts(folder, server.port, authority)
    finally:
        server.close()


@contextlib.contextmanager
def refusing(folder: Path) -> Iterator[Path]:
    """Yield a client's facts file that points to a port where nobody listens, and which nobody else can get."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield facts(folder, bound.getsockname()[1], trustme.CA())


@contextlib.contextmanager
def full(folder: Path) -> Iterator[Path]:
    """Yield a client's facts file that points to a port whose queue is full: no SYN is answered any more."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening, socket.socket() as queued:
        queued.connect(listening.getsockname())
        assert select.select([listening], [], [], 60)[0]
        yield facts(folder, listening.getsockname()[1], trustme.CA())


def facts(folder: Path, port: int, authority: trustme.CA) -> Path:
    """Return a client's facts file that points to a port of this machine."""
    authority.cert_pem.write_to_path(str(folder / "ca.crt"))
    about = {"node": "client", "endpoint": f"https://127.0.0.1:{port}", "ca": str(folder / "ca.crt"), "token": "t"}
    (folder / "facts.json").write_text(json.dumps(about))
    return folder / "facts.json"


class Streaming:
    """Be an API server whose watch streams bring some news, fall silent once they were read, and end when told to."""

    def __init__(self, news: int) -> None:
        self._news, self.ending = news, threading.Event()
        self.silent = threading.Semaphore(0)  # released once a stream
        self.told_ns: list[int] = []  # when each stream was about to get its last news

    def __call__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        client = connection.getpeername()[1]
        with context.wrap_socket(connection, server_side=True) as secure:
            _request(secure)
            secure.sendall(b"HTTP/1.1 200 OK\r\nX-Harness-Node: m2\r\nTransfer-Encoding: chunked\r\n\r\n")
            for number in range(self._news):
                told_ns = time.monotonic_ns()
                secure.sendall(b"2\r\n%d\n\r\n" % number)
            while _queued(secure.getsockname()[1], client):
                time.sleep(0.01)
            self.told_ns.append(told_ns)
            self.silent.release()
            self.ending.wait()


def _queued(server: int, client: int) -> int:
    """Return how many bytes a connection's server has sent and its client has not read: proc(5), /proc/net/tcp."""
    queued = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        ports = tuple(int(address.split(":")[1], 16) for address in (local, remote))
        queued[ports] = [int(queue, 16) for queue in queues.split(":")]
    # One that is gone from the table will read no more.
    return queued.get((server, client), [0, 0])[0] + queued.get((client, server), [0, 0])[1]
