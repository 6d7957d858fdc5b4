"""The clients against a server of HTTP/2 on loopback: what they write down, and when they give a connection up."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived

from harness import history
from harness.agent import h2_session
from harness.agent.connection import Endpoint
from harness.agent.h2_session import Lost, Session
from harness.events import H2Request, H2Session
from harness.history import History
from tests.agent import servers


def http2(answers, end):
    """Answer so many requests of a connection; then say nothing more, or end it where `end`."""

    def talk(connection, context):
        context.set_alpn_protocols(["h2"])
        with context.wrap_socket(connection, server_side=True) as secure:
            spoken = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
            spoken.initiate_connection()
            secure.sendall(spoken.data_to_send())
            answered = 0
            while data := secure.recv(65536):
                asked = [e for e in spoken.receive_data(data) if isinstance(e, RequestReceived)]
                for event in asked[: answers - answered]:
                    spoken.send_headers(
                        event.stream_id, [(":status", "200"), ("x-harness-node", "m2")], end_stream=True
                    )
                answered += len(asked)
                if answered > answers:
                    if end:
                        return
                    continue
                secure.sendall(spoken.data_to_send())

    return talk


@contextmanager
def clients(folder, facts, *words):
    """Run the agent beside what is inside; what it wrote down is there afterwards."""
    command = [sys.executable, "-m", "harness.agent.h2_clients", "--facts", str(facts), "--events", str(folder)]
    with subprocess.Popen([*command, *words]) as process:
        yield folder / "h2.jsonl"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=100) == 0


def told(log, word, times):
    """Wait until a word was written down so many times."""
    until = time.monotonic() + 100
    while not log.exists() or log.read_text().count(word) < times:
        assert time.monotonic() < until
        time.sleep(0.02)


def read(log):
    return History(history.decode(log.read_bytes().splitlines(), str(log)))


def test_all_requests_of_a_client_are_on_one_connection(tmp_path):
    with servers.serving(http2(1000, end=False), tmp_path) as (server, facts):
        with clients(tmp_path, facts, "--clients", "2", "--rate", "50") as log:
            told(log, '"h2.request"', 40)
        assert server.connections == 2
    found = read(log)
    assert {e.data.error for e in found.of(H2Request)} <= {None, "unanswered"}
    sessions = [e.data for e in found.of(H2Session)]
    assert sorted(s.client for s in sessions) == [0, 1]
    assert {(s.session, s.served_by, s.error) for s in sessions} == {(0, "m2", None)}


def test_a_connection_that_ends_takes_what_is_under_way_with_it_and_the_next_is_dialled(tmp_path):
    with (
        servers.serving(http2(3, end=True), tmp_path) as (_, facts),
        clients(tmp_path, facts, "--clients", "1", "--rate", "50") as log,
    ):
        told(log, '"h2.session"', 2)
    found = read(log)
    first = [e.data for e in found.of(H2Request) if e.data.session == 0]
    ended = [e.data for e in found.of(H2Session)]
    assert [s.session for s in ended[:2]] == [0, 1]
    # What is asked after its end is answered with a reset, which may overtake the end, and on a busy machine answers.
    assert {s.error for s in ended[:2]} <= {"closed", "reset"}
    answered = [r.error for r in first].index(ended[0].error)
    assert answered <= 3 and {r.error for r in first[:answered]} <= {None}


def test_what_is_refused_has_no_connection(tmp_path):
    with servers.refusing(tmp_path) as facts, clients(tmp_path, facts, "--clients", "1", "--rate", "50") as log:
        told(log, '"refused"', 3)
    found = read(log)
    assert {(e.data.session, e.data.error) for e in found.of(H2Request)} <= {(None, "refused"), (None, "unanswered")}
    assert not list(found.of(H2Session))


def test_a_silent_connection_is_given_up_after_a_ping(tmp_path, monkeypatch):
    monkeypatch.setattr(h2_session, "READ_IDLE_S", 0.3)
    monkeypatch.setattr(h2_session, "PING_S", 0.2)

    async def asked(endpoint):
        session = await Session.open(endpoint)
        await session.ask("a", "/version", "token")
        with pytest.raises(Lost, match="^ping$"):
            await session.ask("a", "/version", "token")
        return session, time.monotonic_ns()

    with servers.serving(http2(1, end=False), tmp_path) as (_, facts):
        session, at_ns = asyncio.run(asked(endpoint_of(facts)))
    assert at_ns - session.last_data_ns >= 0.5e9


def test_a_ping_that_is_answered_keeps_it(tmp_path, monkeypatch):
    monkeypatch.setattr(h2_session, "READ_IDLE_S", 0.05)

    async def idled(endpoint):
        session = await Session.open(endpoint)
        first_ns = session.last_data_ns
        while session.last_data_ns < first_ns + 0.2e9:
            await asyncio.sleep(0.01)
        assert not session.over
        session.end(None)

    with servers.serving(http2(1, end=False), tmp_path) as (_, facts):
        asyncio.run(idled(endpoint_of(facts)))


def endpoint_of(facts: Path) -> Endpoint:
    endpoint = Endpoint.of(json.loads(facts.read_text()))
    endpoint.context.set_alpn_protocols(["h2"])
    return endpoint
