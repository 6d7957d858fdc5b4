import signal
import socket
import subprocess
import sys
import time
from itertools import pairwise

import pytest

from harness import history
from harness.history import History
from tests.agent import servers

RATE, SECONDS = 50, 0.6


def probe(facts, folder, *more: str, seconds: float = SECONDS) -> History:
    """Run the prober as the client container does, end it with SIGTERM, and return what it recorded."""
    command = [sys.executable, "-m", "harness.agent.prober", "--facts", str(facts), "--events", str(folder)]
    words = ["--rate-fresh", str(RATE), "--rate-kept", str(RATE), "--deadline", "0.3", *more]
    with subprocess.Popen([*command, *words]) as process:
        log = folder / "prober.jsonl"
        while not log.exists() or '"agent.start"' not in log.read_text():
            time.sleep(0.01)
            assert process.poll() is None
        time.sleep(seconds)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    return History(history.decode(log.read_bytes().splitlines(), str(log)))


def classes(found: History, stream: str) -> set[str | None]:
    return {e.data["error"] for e in found.of("probe", stream=stream)}


def test_an_answered_request_has_a_stamp_at_every_stage(tmp_path):
    with servers.serving(servers.answering(200, "X-Harness-Node: m7\r\n"), tmp_path) as (server, facts):
        found = probe(facts, tmp_path)
    fresh, kept = list(found.of("probe", stream="fresh")), list(found.of("probe", stream="kept"))
    assert classes(found, "fresh") == classes(found, "kept") == {None}
    for event in fresh:
        d = event.data
        order = ("due", "sent", "left", "connected", "hello", "tls", "asked", "first_byte", "done")
        stages = [d[f"{k}_ns"] for k in order]
        assert stages == sorted(stages)
        assert (d["status"], d["served_by"], d["reused"]) == (200, "m7", False)
    assert sum(e.data["reused"] for e in kept) >= len(kept) - 3
    assert server.connections <= len(fresh) + 4
    assert {e.data["target"] for e in fresh} == {"readyz", "read"}


def test_requests_are_due_on_a_schedule_that_never_drifts(tmp_path):
    with servers.serving(servers.mute, tmp_path) as (_, facts):
        found = probe(facts, tmp_path)
    due = sorted(e.data["due_ns"] for e in found.of("probe", stream="fresh"))
    assert {b - a for a, b in pairwise(due)} == {10**9 // RATE}
    assert len(due) >= SECONDS * RATE - 1


@pytest.mark.parametrize(
    ("talk", "error"),
    [
        (servers.answering(503), "5xx"),
        (servers.answering(401), "4xx"),
        (servers.resetting, "reset"),
        (servers.closing, "closed"),
        (servers.mute, "tls"),
    ],
)
def test_what_went_wrong_has_a_name(tmp_path, talk, error):
    with servers.serving(talk, tmp_path) as (_, facts):
        found = probe(facts, tmp_path)
    assert classes(found, "fresh") == {error}
    assert classes(found, "kept") == {error}


def test_an_answer_that_never_comes_is_named_so_once_the_handshake_is_done(tmp_path):
    with servers.serving(servers.listening_only, tmp_path) as (_, facts):
        found = probe(facts, tmp_path)
    for stream in ("fresh", "kept"):  # on busy processors some handshakes outlast the deadline
        shaken = [e for e in found.of("probe", stream=stream) if e.data["tls_ns"] is not None]
        assert {e.data["error"] for e in shaken} == {"response_timeout"}


def test_a_closed_port_refuses(tmp_path):
    with servers.serving(servers.mute, tmp_path) as (server, facts):
        server.socket.shutdown(socket.SHUT_RDWR)
        server.socket.close()
        found = probe(facts, tmp_path)
    assert classes(found, "fresh") == {"refused"}


def test_a_dropped_connection_attempt_times_out(tmp_path):
    with servers.serving(servers.mute, tmp_path) as (server, facts):
        server.socket.shutdown(socket.SHUT_RDWR)
        server.socket.close()
        full = socket.socket()
        full.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        full.bind(("127.0.0.1", server.port))
        full.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", server.port))
        found = probe(facts, tmp_path)
        for sock in (full, *fillers):
            sock.close()
    assert classes(found, "fresh") == {"connect_timeout"}


def test_a_full_cap_is_recorded_and_sends_nothing(tmp_path):
    with servers.serving(servers.mute, tmp_path) as (_, facts):
        found = probe(facts, tmp_path, "--cap", "2")
    capped = list(found.of("probe", error="capped"))
    assert capped
    assert all("sent_ns" not in e.data for e in capped)
    summary = next(found.of("prober.summary")).data["streams"]
    assert sum(s["cap_hits"] for s in summary.values()) == len(capped)


def test_an_untrusted_certificate_is_an_error(tmp_path):
    with servers.serving(servers.answering(200), tmp_path) as (_, facts):
        import trustme

        trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.crt"))
        found = probe(facts, tmp_path)
    assert classes(found, "fresh") == {"tls"}
