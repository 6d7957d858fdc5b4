"""The quota's alarm, by a member that answers as etcd's gateway does."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from harness.agent.deeds import space
from harness.agent.deeds.deed import Unproven
from harness.agent.deeds.space import Exhaust, Relieve

REFUSAL = {"error": "etcdserver: mvcc: database space exceeded", "code": 8}


class Member(ThreadingHTTPServer):
    """Keeps keys and alarms; `deaf` to alarms, or `full` whatever they say."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Gateway)
        self.keys: set[str] = set()
        self.alarms: set[tuple[str, str]] = set()
        self.deaf = self.full = False


class Gateway(BaseHTTPRequestHandler):
    server: Member

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer = self.answer(self.path.removeprefix("/v3/"), body)
        said = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if path == "maintenance/status":
            return 200, {"header": {"member_id": "17"}}
        if path == "maintenance/alarm" and not self.server.deaf:
            change = {"ACTIVATE": self.server.alarms.add, "DEACTIVATE": self.server.alarms.discard}[body["action"]]
            change((body["memberID"], body["alarm"]))
        if path == "kv/put":
            if self.server.alarms or self.server.full:
                return 429, REFUSAL
            self.server.keys.add(body["key"])
        if path == "kv/deleterange":
            self.server.keys.discard(body["key"])
        return 200, {}

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def member(monkeypatch):
    with Member() as server:
        monkeypatch.setattr(space, "MEMBER", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(space, "PATIENCE_S", 0.3)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_it_takes_nothing_and_then_all_again_and_keeps_nothing_of_it(member):
    began, ended, did = Exhaust().do()
    assert member.alarms == {("17", "NOSPACE")} and began <= ended and did.process == "etcd"
    Relieve().do()
    assert (member.alarms, member.keys) == (set(), set())


def test_an_alarm_that_changes_nothing_is_not_proven(member):
    member.deaf = True
    with pytest.raises(Unproven, match="etcd has the alarm, and answers a write well"):
        Exhaust().do()


def test_nor_is_one_taken_back_where_nothing_is_taken_yet(member):
    member.full = True
    with pytest.raises(Unproven, match=r"no alarm any more, and answers a write .*space exceeded"):
        Relieve().do()


def test_a_member_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(space, "MEMBER", "http://127.0.0.1:9")
    with pytest.raises(Unproven, match="etcd does not answer maintenance/status"):
        Exhaust().do()
