"""Watching a server on the loopback that falls silent for a moment."""

import json
import threading
import time
from collections.abc import Callable

import pytest

from harness.errors import Interrupted, UsageError
from harness.onsite import marks
from harness.onsite.board import Board
from harness.onsite.instruments import Instruments
from harness.onsite.preflight import NEWS, examine, news_of
from harness.onsite.session import AgentEnded, Session
from harness.onsite.target import Target
from tests.agent import servers

RATE = 20.0


@pytest.fixture
def alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def watching(facts, folder):
    told = json.loads(facts.read_text())
    host, _, port = told["endpoint"].removeprefix("https://").rpartition(":")
    with open(told["ca"], "rb") as authority:
        target = Target(host, int(port), authority.read(), told["token"])
    return Session(target, Instruments(RATE, wire=False), "", folder)


def stamped(deed: Callable[[], None]) -> tuple[float, float]:
    """Do something; return when it was not done yet, and when it was."""
    before = time.monotonic()
    deed()
    return before, time.monotonic()


def test_an_outage_is_found_on_both_kinds_of_connections_and_a_mark_tells_it(alone, tmp_path):
    down, stamps = threading.Event(), list[tuple[float, float]]()  # before and after it goes down, and comes up

    def talk(connection, context):
        if not down.is_set():
            servers.answering_until(down)(connection, context)

    def shown(events, gone_s):
        board.take(events)
        lines.append(board.line(gone_s))
        if len(stamps) == 0 and gone_s > 1.5:
            marks.elsewhere("the plug")
            stamps.append(stamped(down.set))
        elif len(stamps) == 1 and time.monotonic() - stamps[0][1] > 1.5:
            stamps.append(stamped(down.clear))
        elif len(stamps) == 2 and time.monotonic() - stamps[1][1] > 2:
            raise Interrupted

    board, lines = Board(), list[str]()
    with servers.serving(talk, tmp_path) as (_, facts):
        found = watching(facts, tmp_path / "watched").watch(100, shown)
    (before, after), (soon, late) = stamps
    for stream in ("fresh", "kept"):
        worst = max((one for one in found.outages if one.stream == stream), key=lambda one: one.lasted_s.max)
        assert worst.lasted_s.min <= late - before and soon - after <= worst.lasted_s.max and worst.failed
        assert set(worst.errors) <= {"closed", "reset", "tls", "refused"}
    (mark,) = found.marks
    assert mark.text == "the plug" and mark.dark_s is not None and mark.dark_s.max >= soon - after
    assert any("an outage now" in line for line in lines) and "outage" in lines[-1]
    assert json.loads((tmp_path / "watched/watched.json").read_text())["marks"][0]["text"] == "the plug"
    assert not [path for path in (tmp_path / "watched").rglob("*") if "facts" in path.name]  # credentials are nowhere


def test_an_agent_that_ends_by_itself_ends_it_with_its_name(alone, tmp_path):
    broken = Session(Target("127.0.0.1", 1, b"no certificate"), Instruments(RATE, wire=False), "", tmp_path / "w")
    with pytest.raises(AgentEnded, match="harness.agent.prober ended with status 1"):
        broken.watch(100, lambda events, gone_s: None)


def test_without_a_watching_there_is_nothing_to_mark(alone):
    with pytest.raises(UsageError, match="nothing is being watched"):
        marks.elsewhere("too early")


def test_what_is_there_before_anything_is_watched(tmp_path):
    with servers.serving(servers.answering(200), tmp_path) as (_, facts):
        session = watching(facts, tmp_path)
        seen = {one.what: one for one in examine(session.target, facts)}
        assert seen["certificate"].found.startswith("names 127.0.0.1, ends in") and seen["readyz"].well
        assert news_of(session.target, facts) == NEWS[0]
    with pytest.raises(UsageError, match="do clients ask there"):
        list(examine(session.target, facts))


def test_where_nothing_may_be_listed_nothing_is_followed(tmp_path):
    with servers.serving(servers.answering(403), tmp_path) as (_, facts):
        session = watching(facts, tmp_path)
        assert news_of(session.target, facts) == ""
    commands = [command[2] for command in Instruments(RATE, wire=False).commands(facts, tmp_path)]
    follows = [command[2] for command in Instruments(RATE, wire=False, follows=True).commands(facts, tmp_path)]
    assert set(follows) - set(commands) == {"harness.agent.watcher"}
