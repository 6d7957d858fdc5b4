"""Each server's state as this node's haproxy sees it, asked every 20 ms over its runtime socket."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Collection
from functools import cache
from typing import Any, NamedTuple

from harness.agent.emit import Emitter
from harness.events import HaproxyCheck, HaproxyServer, HaproxySocket

# Servers only (type 4) of every proxy; the columns are named in haproxy's management guide, §9.1.
_COMMAND = b"show stat -1 4 -1\n"
_PROMPT = b"\n> "
_PATIENCE_NS, _PAUSE_NS = 250_000_000, 50_000_000
# One connection serves many polls, which costs haproxy and us a third of one each; a worker that a reload has
# replaced would live as long as it is held.
RENEW_NS = 1_000_000_000
_NEEDED = ("pxname", "svname", "status")
_COLUMNS = (*_NEEDED, "chkfail", "check_status", "check_code", "check_duration", "last_chk")


class ServerRow(NamedTuple):
    """One server's row."""

    backend: str
    name: str
    status: str
    failed_checks: int
    check_status: str
    check_code: str
    check_duration_ms: str
    last_check: str


def parse(answer: str) -> list[ServerRow]:
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


def _server(cells: list[str], where: tuple[int | None, ...]) -> ServerRow:
    backend, name, status, failed, check, *others = ("" if at is None else cells[at] for at in where)
    return ServerRow(backend, name, status, int(failed or 0), check.removeprefix("* "), *others)


class Haproxy:
    """Asks one runtime socket and emits what changed; whether it answers, hangs or is gone, nobody waits for it.

    Of what it balances only `backends` count, or all where none are named.
    """

    def __init__(self, path: str, emitter: Emitter, poller: select.epoll, backends: Collection[str] = ()) -> None:
        self._path, self._emitter, self._poller, self._backends = path, emitter, poller, backends
        self._servers: dict[tuple[str, str], ServerRow] = {}
        self._answering: bool | None = None
        self._socket: socket.socket | None = None
        self._renewed_ns = self._not_before_ns = 0
        self._asked_ns: int | None = None  # when, where an answer is awaited
        self._last_poll_ns = 0
        self._prompted, self._answer = False, b""

    def poll(self) -> None:
        """Ask, unless an answer is still awaited; haproxy is not answering where it has been for too long.

        It may only stand still, or this machine may have no turn for it: what it says then is the same one's.
        """
        now = time.monotonic_ns()
        if self._asked_ns is not None:
            if now > self._asked_ns + _PATIENCE_NS:
                self._tell(False, now)
            return
        if now < self._not_before_ns:
            return
        self._asked_ns = now
        try:
            if self._socket is None or now > self._renewed_ns + RENEW_NS:
                self._connect(now)
            else:
                self._socket.send(_COMMAND)
        except OSError:
            self._silent(now)

    @property
    def awaiting(self) -> bool:
        """Say whether it was asked and has not answered yet."""
        return self._asked_ns is not None

    def fileno(self) -> int | None:
        """Return what is readable when some of an answer has come; None where nobody is asked."""
        return None if self._socket is None else self._socket.fileno()

    def read(self) -> None:
        """Take in what has come; where the answer is whole, emit changes of status and failed checks since the last."""
        stamp = time.monotonic_ns()
        assert self._socket is not None
        try:
            chunk = self._socket.recv(1 << 16)
            self._answer += chunk
            if chunk and self._answer.endswith(_PROMPT):
                self._whole(self._socket, stamp)
        except OSError:
            chunk = b""
        if not chunk:
            self._silent(stamp)

    def _whole(self, asked: socket.socket, stamp: int) -> None:
        answer, self._answer = self._answer[: -len(_PROMPT)].decode(errors="replace"), b""
        if not self._prompted:
            self._prompted = True
            asked.send(_COMMAND)
            return
        self._tell(True, stamp)
        for server in parse(answer):
            if not self._backends or server.backend in self._backends:
                self._compare(server, stamp)
        assert self._asked_ns is not None
        self._last_poll_ns, self._asked_ns = self._asked_ns, None

    def _connect(self, now: int) -> None:
        self.close()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self._socket.connect(self._path)
        self._poller.register(self._socket.fileno(), select.EPOLLIN)
        self._socket.send(b"prompt\n")
        self._renewed_ns = now

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()  # which takes it out of the poller as well
        self._socket, self._prompted, self._answer = None, False, b""

    def _silent(self, stamp: int) -> None:
        self.close()
        self._tell(False, stamp)
        self._servers.clear()
        self._asked_ns, self._not_before_ns = None, stamp + _PAUSE_NS

    def _tell(self, answering: bool, stamp: int) -> None:
        if answering is not self._answering:
            self._answering = answering
            self._emitter.emit(HaproxySocket(path=self._path, answering=answering), stamp)

    def _compare(self, server: ServerRow, stamp: int) -> None:
        key = (server.backend, server.name)
        known = self._servers.get(key)
        if known == server:
            return
        self._servers[key] = server
        about: dict[str, Any] = {
            "backend": server.backend,
            "server": server.name,
            "check_status": server.check_status,
            "check_code": server.check_code,
            "check_duration_ms": server.check_duration_ms,
            "last_chk": server.last_check.strip('"'),
            "previous_poll_ns": self._last_poll_ns,
        }
        if known is not None and server.failed_checks > known.failed_checks:
            self._emitter.emit(HaproxyCheck(**about, failed=server.failed_checks - known.failed_checks), stamp)
        # "UP 1/3" is an UP server that has begun to fail; what clients meet is the first word.
        if known is None or known.status.split()[0] != server.status.split()[0]:
            status, initial = server.status.split()[0], known is None
            self._emitter.emit(HaproxyServer(**about, status=status, status_text=server.status, initial=initial), stamp)
