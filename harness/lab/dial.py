"""httpx through a lab: connections that begin in one of its machines, by the engine's API and nothing else."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import httpcore
import httpx

from harness.agent.relay import CONNECTED
from harness.errors import HarnessError
from harness.lab.briefing import Briefing
from harness.lab.machine import Machine
from harness.lab.running import Running

T = TypeVar("T")
LATE = "timed out"  # as a socket says it


def client(machine: Machine, briefing: Briefing, **options: Any) -> httpx.Client:
    """Return a client of a lab's VIP whose connections begin in a machine; `options` are httpx'."""
    return httpx.Client(
        base_url=briefing.endpoint,
        headers={"authorization": f"Bearer {briefing.token}"},
        transport=Transport(machine, ssl.create_default_context(cadata=briefing.authority.pem)),
        **options,
    )


class Transport(httpx.BaseTransport):
    """Sends requests from inside a machine; each connection costs the engine a command there."""

    def __init__(self, machine: Machine, context: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=_Backend(machine))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return what was answered; raise httpx.ConnectError, ReadTimeout … as httpx' own transport does."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        asked = httpcore.Request(
            request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        with _told():
            answer = self._pool.handle_request(asked)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _told():
            yield from self._stream

    def close(self) -> None:
        self._stream.close()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Have what httpcore raises be what httpx calls the same."""
    try:
        yield
    except Exception as error:
        kind = getattr(httpx, type(error).__name__, None)
        if kind is None or not type(error).__module__.startswith("httpcore"):
            raise
        raise kind(str(error)) from error


class _Backend(httpcore.NetworkBackend):
    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        command = ["python3", "-m", "harness.agent.relay", host.strip("[]"), str(port)]
        command += [] if timeout is None else [f"{timeout:g}"]
        relay = Running(self._machine.container, command, stdin=True, stdout=True)
        chunks = relay.chunks()
        first = next(chunks, b"")
        if not first.startswith(CONNECTED):
            relay.close()
            told = first.decode(errors="replace")
            kind = httpcore.ConnectTimeout if told == LATE else httpcore.ConnectError
            raise kind(f"{self._machine.name} to {host}:{port}: {told}")
        ours, theirs = socket.socketpair()
        theirs.sendall(first.removeprefix(CONNECTED))
        threading.Thread(target=_inward, args=(relay, theirs), daemon=True).start()
        threading.Thread(target=_outward, args=(relay, chunks, theirs), daemon=True).start()
        return _Stream(ours)


def _inward(relay: Running, theirs: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := theirs.recv(65536):
            relay.write(data)
        relay.end()


def _outward(relay: Running, chunks: Iterator[bytes], theirs: socket.socket) -> None:
    """Carry what the relay says until it ends, which it does at the end of what it is told."""
    with contextlib.suppress(HarnessError, OSError, ValueError), contextlib.closing(relay), theirs:
        for chunk in chunks:
            theirs.sendall(chunk)
        theirs.shutdown(socket.SHUT_RDWR)


class _Stream(httpcore.NetworkStream):
    """One end of a pair of sockets, the other of which the relay has."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._do(httpcore.ReadTimeout, httpcore.ReadError, timeout, lambda: self._end.recv(max_bytes))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._do(httpcore.WriteTimeout, httpcore.WriteError, timeout, lambda: self._end.sendall(buffer))

    def close(self) -> None:
        self._end.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        def wrapped() -> ssl.SSLSocket:
            return ssl_context.wrap_socket(self._end, server_hostname=server_hostname)

        return _Stream(self._do(httpcore.ConnectTimeout, httpcore.ConnectError, timeout, wrapped))

    def get_extra_info(self, info: str) -> Any:
        return self._end if info == "ssl_object" and isinstance(self._end, ssl.SSLSocket) else None

    def _do(self, late: type[Exception], broken: type[Exception], timeout: float | None, act: Callable[[], T]) -> T:
        try:
            self._end.settimeout(timeout)
            return act()
        except TimeoutError as error:
            raise late(str(error)) from error
        except OSError as error:
            raise broken(str(error)) from error
