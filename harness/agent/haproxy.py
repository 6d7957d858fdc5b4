"""Each server's state as this node's haproxy sees it, asked every 20 ms over its runtime socket."""

from __future__ import annotations

import socket
import time
from functools import cache
from typing import NamedTuple

from harness.agent.emit import Emitter

# Servers only (type 4) of every proxy; the columns are named in haproxy's management guide, §9.1.
_COMMAND = b"show stat -1 4 -1\n"
_PROMPT = b"\n> "
_PATIENCE_S = 0.25
# One connection serves many polls, which costs haproxy and us a third of one each; a worker that a reload has
# replaced would live as long as it is held.
RENEW_NS = 1_000_000_000
_NEEDED = ("pxname", "svname", "status")
_COLUMNS = (*_NEEDED, "chkfail", "check_status", "check_code", "check_duration", "last_chk")


class Server(NamedTuple):
    """One server's row."""

    backend: str
    name: str
    status: str
    failed_checks: int
    check_status: str
    check_code: str
    check_duration_ms: str
    last_check: str


def parse(answer: str) -> list[Server]:
    """Return the rows of a `show stat` answer; a running check's `* ` prefix is dropped."""
    lines = [line for line in answer.splitlines() if line.strip()]
    if not lines or not lines[0].startswith("# "):
        return []
    where = _places(lines[0])
    if None in where[: len(_NEEDED)]:
        return []
    last = max(at for at in where if at is not None)
    # A haproxy that dies in the middle of its answer leaves a row cut short; of a hundred columns half are never cut.
    return [_server(cells, where) for line in lines[1:] if len(cells := line.split(",", last + 1)) > last + 1]


@cache
def _places(head: str) -> tuple[int | None, ...]:
    columns = head[2:].split(",")
    return tuple(columns.index(name) if name in columns else None for name in _COLUMNS)


def _server(cells: list[str], where: tuple[int | None, ...]) -> Server:
    backend, name, status, failed, check, *others = ("" if at is None else cells[at] for at in where)
    return Server(backend, name, status, int(failed or 0), check.removeprefix("* "), *others)


class Haproxy:
    """Polls one runtime socket and emits what changed; a haproxy that is gone or hung costs bounded time."""

    def __init__(self, path: str, emitter: Emitter) -> None:
        self._path, self._emitter = path, emitter
        self._servers: dict[tuple[str, str], Server] = {}
        self._answering: bool | None = None
        self._last_poll_ns = 0
        self._not_before_ns = 0
        self._socket = socket.socket(socket.AF_UNIX)
        self._renewed_ns = 0

    def poll(self) -> None:
        """Ask once, and emit changes of status and failed checks since the last answer."""
        now = time.monotonic_ns()
        if now < self._not_before_ns:
            return
        answer = self._ask()
        stamp = time.monotonic_ns()
        if (answer is not None) is not self._answering:
            self._answering = answer is not None
            self._emitter.emit("haproxy.socket", stamp, path=self._path, answering=self._answering)
        if answer is None:
            self._servers.clear()
            self._not_before_ns = stamp + 50_000_000
            return
        for server in parse(answer):
            self._compare(server, stamp)
        self._last_poll_ns = now

    def _compare(self, server: Server, stamp: int) -> None:
        key = (server.backend, server.name)
        known = self._servers.get(key)
        if known == server:
            return
        self._servers[key] = server
        about = {
            "backend": server.backend,
            "server": server.name,
            "check_status": server.check_status,
            "check_code": server.check_code,
            "check_duration_ms": server.check_duration_ms,
            "last_chk": server.last_check.strip('"'),
            "previous_poll_ns": self._last_poll_ns,
        }
        if known is not None and server.failed_checks > known.failed_checks:
            self._emitter.emit("haproxy.check", stamp, **about, failed=server.failed_checks - known.failed_checks)
        # "UP 1/3" is an UP server that has begun to fail; what clients meet is the first word.
        if known is None or known.status.split()[0] != server.status.split()[0]:
            self._emitter.emit(
                "haproxy.server",
                stamp,
                **about,
                status=server.status.split()[0],
                status_text=server.status,
                initial=known is None,
            )

    def _ask(self) -> str | None:
        try:
            if time.monotonic_ns() > self._renewed_ns + RENEW_NS:
                self._connect()
            self._socket.sendall(_COMMAND)
            return self._read().decode(errors="replace")
        except OSError:
            self._socket.close()
            self._renewed_ns = 0
            return None

    def _connect(self) -> None:
        self._socket.close()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_PATIENCE_S)
        self._socket.connect(self._path)
        self._socket.sendall(b"prompt\n")
        self._read()
        self._renewed_ns = time.monotonic_ns()

    def _read(self) -> bytes:
        """Read until the prompt; raise OSError where haproxy hangs up before."""
        answer = b""
        while not answer.endswith(_PROMPT):
            chunk = self._socket.recv(1 << 14)
            if not chunk:
                raise ConnectionError(self._path)
            answer += chunk
        return answer[: -len(_PROMPT)]
