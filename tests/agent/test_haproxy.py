import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.agent import haproxy as agent
from harness.agent.emit import Emitter
from harness.agent.haproxy import Haproxy, parse

HEAD = "# pxname,svname,status,chkfail,check_status,check_code,check_duration,last_chk,"


def rows(**status: str) -> str:
    return "\n".join([HEAD, *(f"be,{name},{state},0,* L4OK,,1,," for name, state in status.items())]) + "\n\n"


def test_rows_are_read_by_their_columns_names():
    (server,) = parse(rows(a="UP 1/3"))
    assert (server.backend, server.name, server.status, server.check_status) == ("be", "a", "UP 1/3", "L4OK")
    assert parse("no such command") == []


class Fake:
    """A runtime socket that gives one answer after another, on however many connections, and is gone after the last."""

    def __init__(self, path: str, answers: list[str], part: int = 1 << 20) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen()
        self.answers, self.part, self.connections, self.late_s = answers, part, 0, 0.0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while self.answers:
            connection, _ = self.socket.accept()
            self.connections += 1
            with connection:
                self._talk(connection)
        self.socket.close()

    def _talk(self, connection: socket.socket) -> None:
        assert connection.recv(100) == b"prompt\n"
        connection.sendall(b"\n> ")
        while self.answers and (asked := connection.recv(100)):
            assert asked == b"show stat -1 4 -1\n"
            time.sleep(self.late_s)
            whole = self.answers.pop(0).encode() + b"\n> "
            for start in range(0, len(whole), self.part):
                connection.sendall(whole[start : start + self.part])
                time.sleep(0.001)


@contextmanager
def watching(path: str, folder) -> Iterator[tuple[Haproxy, select.epoll]]:
    with (
        closing(Emitter("m1", "node", folder)) as emitter,
        select.epoll() as poller,
        closing(Haproxy(path, emitter, poller)) as haproxy,
    ):
        yield haproxy, poller


def asked(haproxy: Haproxy, poller: select.epoll) -> None:
    """Ask once, and take in what comes until the answer is whole, or there is nobody left to answer."""
    haproxy.poll()
    while haproxy.awaiting:
        assert poller.poll(100)
        haproxy.read()


def told(folder: Path, kind: str) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in (folder / "node.jsonl").read_text().splitlines()]
    return [e["data"] | {"t_ns": e["t_ns"]} for e in events if e["kind"] == kind]


@pytest.mark.parametrize(("renew_ns", "connections"), [(10**12, 1), (-1, 3)])
def test_only_changes_are_events_on_one_connection_or_several(tmp_path, monkeypatch, renew_ns, connections):
    monkeypatch.setattr(agent, "RENEW_NS", renew_ns)
    path = str(tmp_path / "sock")
    fake = Fake(path, [rows(a="UP", b="UP"), rows(a="UP 2/3", b="UP"), rows(a="DOWN", b="UP")])
    with watching(path, tmp_path) as (haproxy, poller):
        for _ in range(4):  # the fourth finds the socket closed
            asked(haproxy, poller)
    assert fake.connections == connections
    servers = told(tmp_path, "haproxy.server")
    changes = [("a", "UP", True), ("b", "UP", True), ("a", "DOWN", False)]
    assert [(s["server"], s["status"], s["initial"]) for s in servers] == changes
    assert [s["answering"] for s in told(tmp_path, "haproxy.socket")] == [True, False]
    assert 0 < servers[-1]["previous_poll_ns"] < servers[-1]["t_ns"]


def test_an_answer_may_come_in_parts(tmp_path):
    path = str(tmp_path / "sock")
    Fake(path, [rows(a="UP"), rows(a="DOWN")], part=40)
    with watching(path, tmp_path) as (haproxy, poller):
        asked(haproxy, poller)
        asked(haproxy, poller)
    assert [s["status"] for s in told(tmp_path, "haproxy.server")] == ["UP", "DOWN"]


def test_nobody_waits_for_one_that_hangs(tmp_path):
    """A stopped process' kernel accepts, and nothing answers; whoever asks goes on at once."""
    path = str(tmp_path / "sock")
    with socket.socket(socket.AF_UNIX) as hung, watching(path, tmp_path) as (haproxy, poller):
        hung.bind(path)
        hung.listen()
        began = time.monotonic()
        haproxy.poll()
        while not told(tmp_path, "haproxy.socket"):
            assert not poller.poll(0.001)
            haproxy.poll()
        assert time.monotonic() - began >= 0.25
    assert [s["answering"] for s in told(tmp_path, "haproxy.socket")] == [False]


def test_one_that_answers_late_is_the_same_as_before(tmp_path):
    """It stood still, or nobody had a turn: what has changed meanwhile is a change, and no first look."""
    path = str(tmp_path / "sock")
    fake = Fake(path, [rows(a="DOWN"), rows(a="UP")])
    with watching(path, tmp_path) as (haproxy, poller):
        asked(haproxy, poller)
        fake.late_s = 0.5
        haproxy.poll()
        while [s["answering"] for s in told(tmp_path, "haproxy.socket")] != [True, False]:
            haproxy.poll()
        while haproxy.awaiting:
            assert poller.poll(5)
            haproxy.read()
    servers = told(tmp_path, "haproxy.server")
    assert [(s["status"], s["initial"]) for s in servers] == [("DOWN", True), ("UP", False)]
    assert [s["answering"] for s in told(tmp_path, "haproxy.socket")] == [True, False, True]


def test_one_that_is_gone_is_not_answering(tmp_path):
    with watching(str(tmp_path / "none"), tmp_path) as (haproxy, _):
        haproxy.poll()
        assert haproxy.fileno() is None
    assert [s["answering"] for s in told(tmp_path, "haproxy.socket")] == [False]
