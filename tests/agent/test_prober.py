import signal
import subprocess
import sys
import time
from itertools import pairwise

import pytest
import trustme

from harness import history
from harness.agent.prober import MOST_IDLE
from harness.events import Due, Probe, ProbeCapped, ProberSummary
from harness.history import Event, History
from tests.agent import servers

RATE = 200
PATIENCE_S, SHORT_S = 100, 0.15  # deadlines: one that nobody meets, and one that everybody does
# A stream's requests under way: more than may be idle or come due within the short deadline; of both streams fewer
# than wait in the server's queue, so that a machine on which they pile up loses none of them there.
AT_ONCE = 32
ENOUGH = 50
assert max(MOST_IDLE, RATE * SHORT_S) < AT_ONCE < servers.BACKLOG / 2


def probe(facts, folder, cap: int = AT_ONCE, deadline_s: float = PATIENCE_S, until: str = '"sent_ns"') -> History:
    """Run the prober as the client container does until it has told of `ENOUGH` requests; return what it recorded."""
    command = [sys.executable, "-m", "harness.agent.prober", "--facts", str(facts), "--events", str(folder)]
    rates = ["--rate-fresh", str(RATE), "--rate-kept", str(RATE)]
    with subprocess.Popen([*command, *rates, "--deadline", str(deadline_s), "--cap", str(cap)]) as process:
        log = folder / "prober.jsonl"
        while not log.exists() or log.read_text().count(until) < ENOUGH:
            time.sleep(0.01)
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=2 * PATIENCE_S) == 0
    return History(history.decode(log.read_bytes().splitlines(), str(log)))


def sent(found: History, stream: str) -> list[Event[Probe]]:
    """Return a stream's requests as they were sent; on a slow machine some may find too many under way."""
    return sorted(found.of(Probe, stream=stream), key=lambda e: e.data.sent_ns)


def classes(found: History, stream: str) -> set[str | None]:
    return {e.data.error for e in sent(found, stream)}


def test_an_answered_request_has_a_stamp_at_every_stage(tmp_path):
    with servers.serving(servers.answering(200, "X-Harness-Node: m7\r\n"), tmp_path) as (server, facts):
        found = probe(facts, tmp_path)
    fresh, kept = sent(found, "fresh"), sent(found, "kept")
    assert classes(found, "fresh") == classes(found, "kept") == {None}
    for event in fresh:
        d = event.data
        order = ("due", "sent", "left", "connected", "hello", "tls", "asked", "first_byte", "done")
        stages = [getattr(d, f"{k}_ns") for k in order]
        assert stages == sorted(stages)
        assert (d.status, d.served_by, d.reused) == (200, "m7", False)
    assert server.connections == len(fresh) + sum(not e.data.reused for e in kept)
    assert {e.data.target for e in fresh} == {"readyz", "read"}


def test_a_kept_request_takes_the_longest_idle_connection_and_opens_one_only_where_none_is(tmp_path):
    with servers.serving(servers.answering(200), tmp_path) as (_, facts):
        kept = sent(probe(facts, tmp_path), "kept")
    moments = [
        (getattr(e.data, stage), stage, e.data.port, e.data.reused) for e in kept for stage in ("sent_ns", "done_ns")
    ]
    idle: list[int | None] = []
    for _, stage, port, reused in sorted(moments):
        if stage == "sent_ns":
            assert reused == bool(idle)
            assert not idle or port == idle.pop(0)
        elif len(idle) < MOST_IDLE:
            idle.append(port)


def test_requests_are_due_on_a_schedule_that_never_drifts(tmp_path):
    with servers.serving(servers.mute, tmp_path) as (_, facts):
        found = probe(facts, tmp_path, deadline_s=SHORT_S)
    for stream in ("fresh", "kept"):
        due = sorted(e.data.due_ns for e in found.of(Due, stream=stream))
        assert {b - a for a, b in pairwise(due)} == {10**9 // RATE}
    summary = next(found.of(ProberSummary)).data.streams
    assert sum(s.sent + s.cap_hits for s in summary.values()) == len(list(found.of(Due)))


@pytest.mark.parametrize(
    ("talk", "error"),
    [
        (servers.answering(503), "5xx"),
        (servers.answering(401), "4xx"),
        (servers.resetting, "reset"),
        (servers.closing, "closed"),
    ],
)
def test_what_went_wrong_has_a_name(tmp_path, talk, error):
    with servers.serving(talk, tmp_path) as (_, facts):
        found = probe(facts, tmp_path)
    assert classes(found, "fresh") == classes(found, "kept") == {error}


@pytest.mark.parametrize("talk", [servers.mute, servers.listening_only])
def test_what_is_not_answered_ends_after_its_deadline_with_the_name_of_its_stage(tmp_path, talk):
    with servers.serving(talk, tmp_path) as (_, facts):
        found = probe(facts, tmp_path, deadline_s=SHORT_S)
    for stream in ("fresh", "kept"):
        for event in sent(found, stream):
            d = event.data
            late = "tls" if d.connected_ns else "connect_timeout"
            assert d.error == ("response_timeout" if d.tls_ns else late)
            assert d.done_ns >= d.due_ns + SHORT_S * 1e9


def test_a_closed_port_refuses(tmp_path):
    with servers.refusing(tmp_path) as facts:
        found = probe(facts, tmp_path)
    assert classes(found, "fresh") == {"refused"}


def test_a_dropped_connection_attempt_times_out(tmp_path):
    with servers.full(tmp_path) as facts:
        found = probe(facts, tmp_path, deadline_s=SHORT_S)
    assert classes(found, "fresh") == {"connect_timeout"}


def test_a_full_cap_is_recorded_and_sends_nothing(tmp_path):
    with servers.serving(servers.mute, tmp_path) as (_, facts):
        found = probe(facts, tmp_path, cap=2, deadline_s=SHORT_S, until='"error":"capped"')
    capped = list(found.of(ProbeCapped))
    assert capped
    summary = next(found.of(ProberSummary)).data.streams
    assert sum(s.cap_hits for s in summary.values()) == len(capped)


def test_an_untrusted_certificate_is_an_error(tmp_path):
    with servers.serving(servers.answering(200), tmp_path) as (server, _):
        found = probe(servers.facts(tmp_path, server.port, trustme.CA()), tmp_path)
    assert classes(found, "fresh") == {"tls"}
