import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

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
    """A runtime socket that gives one answer after another on one connection."""

    def __init__(self, path: str, answers: list[str], part: int = 1 << 20) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen()
        self.answers, self.part = answers, part
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self.socket.accept()
        with connection:
            assert connection.recv(100) == b"prompt\n"
            connection.sendall(b"\n> ")
            for answer in self.answers:
                assert connection.recv(100) == b"show stat -1 4 -1\n"
                whole = answer.encode() + b"\n> "
                for start in range(0, len(whole), self.part):
                    connection.sendall(whole[start : start + self.part])
                    time.sleep(0.001)
        self.socket.close()


@contextmanager
def watching(path: str, folder) -> Iterator[tuple[Haproxy, select.epoll]]:
    with (
        closing(Emitter("m1", "node", folder)) as emitter,
        select.epoll() as poller,
        closing(Haproxy(path, emitter, poller)) as haproxy,
    ):
        yield haproxy, poller


def asked(haproxy: Haproxy, poller: select.epoll) -> None:
    """Ask once, and take in whatever comes within a second."""
    haproxy.poll()
    while haproxy.awaiting and poller.poll(1):
        haproxy.read()


def told(folder, kind: str) -> list[dict]:
    events = [json.loads(line) for line in (folder / "node.jsonl").read_text().splitlines()]
    return [e["data"] | {"t_ns": e["t_ns"]} for e in events if e["kind"] == kind]


def test_only_changes_are_events(tmp_path):
    path = str(tmp_path / "sock")
    Fake(path, [rows(a="UP", b="UP"), rows(a="UP 2/3", b="UP"), rows(a="DOWN", b="UP")])
    with watching(path, tmp_path) as (haproxy, poller):
        for _ in range(4):  # the fourth finds the socket closed
            asked(haproxy, poller)
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
    """A stopped process' kernel accepts, and nothing answers; whoever asks goes on at once, and asks anew."""
    path = str(tmp_path / "sock")
    with socket.socket(socket.AF_UNIX) as hung, watching(path, tmp_path) as (haproxy, poller):
        hung.bind(path)
        hung.listen()
        haproxy.poll()
        began = time.monotonic()
        while haproxy.awaiting:
            assert not poller.poll(0.001)
            haproxy.poll()
        assert time.monotonic() - began >= 0.2
    assert [s["answering"] for s in told(tmp_path, "haproxy.socket")] == [False]


def test_one_that_is_gone_is_not_answering(tmp_path):
    with watching(str(tmp_path / "none"), tmp_path) as (haproxy, _):
        haproxy.poll()
        assert haproxy.fileno() is None
    assert [s["answering"] for s in told(tmp_path, "haproxy.socket")] == [False]
