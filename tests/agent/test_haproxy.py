import json
import socket
import threading
from contextlib import closing

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

    def __init__(self, path: str, answers: list[str]) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen()
        self.answers = answers
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self.socket.accept()
        with connection:
            assert connection.recv(100) == b"prompt\n"
            connection.sendall(b"\n> ")
            for answer in self.answers:
                assert connection.recv(100) == b"show stat -1 4 -1\n"
                connection.sendall(answer.encode())
                connection.sendall(b"\n> ")
        self.socket.close()


def test_only_changes_are_events(tmp_path):
    path = str(tmp_path / "sock")
    Fake(path, [rows(a="UP", b="UP"), rows(a="UP 2/3", b="UP"), rows(a="DOWN", b="UP")])
    with closing(Emitter("m1", "node", tmp_path)) as emitter:
        haproxy = Haproxy(path, emitter)
        for _ in range(4):  # the fourth finds the socket closed
            haproxy.poll()
    events = [json.loads(line) for line in (tmp_path / "node.jsonl").read_text().splitlines()]
    changes = [e["data"] for e in events if e["kind"] == "haproxy.server"]
    servers = [(c["server"], c["status"], c["initial"]) for c in changes]
    assert servers == [("a", "UP", True), ("b", "UP", True), ("a", "DOWN", False)]
    assert [e["data"]["answering"] for e in events if e["kind"] == "haproxy.socket"] == [True, False]
    down = next(e for e in events if e["data"].get("status") == "DOWN")
    assert 0 < down["data"]["previous_poll_ns"] < down["t_ns"]
