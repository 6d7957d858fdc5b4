import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.agent.tracked import NS, Tracked

HAPROXY = {1: "haproxy"}


@pytest.fixture
def feed(tmp_path):
    def made(**about):
        usual = {"words": ["haproxy"], "whole_command": False, "match": "", "least": 1, "most": None}
        usual |= {"lost_s": 0.0, "found_s": 0.0, "when_lost": str(tmp_path / "lost"), "when_stands": ""}
        return Tracked(json.loads(json.dumps(usual | about)))

    return made


def said(tmp_path, way="lost"):
    return (tmp_path / way).read_text()


def test_the_file_says_1_while_nothing_of_the_name_runs(feed, tmp_path):
    tracked = feed()
    for living, expected in (({}, "1\n"), (HAPROXY, "0\n"), (HAPROXY | {2: "haproxy"}, "0\n"), ({3: "etcd"}, "1\n")):
        tracked.count(living, 0)
        assert said(tmp_path) == expected


def test_or_while_enough_of_it_does(feed, tmp_path):
    tracked = feed(least=2, most=3, when_lost="", when_stands=str(tmp_path / "stands"))
    for number, expected in ((1, "0\n"), (2, "1\n"), (3, "1\n"), (4, "0\n")):
        tracked.count(dict.fromkeys(range(number), "haproxy"), 0)
        assert said(tmp_path, "stands") == expected


def test_a_loss_counts_after_its_delay_and_not_if_it_is_over_before(feed, tmp_path):
    tracked = feed(lost_s=2.0)
    tracked.count(HAPROXY, 0)
    tracked.count({}, 1 * NS)
    assert said(tmp_path) == "0\n" and tracked.due_ns == 3 * NS
    tracked.count(HAPROXY, 2 * NS)
    tracked.count(HAPROXY, 3 * NS)
    tracked.count({}, 4 * NS)
    assert said(tmp_path) == "0\n"
    tracked.count({}, 6 * NS)
    assert said(tmp_path) == "1\n" and tracked.due_ns is None


def test_nothing_is_written_that_was_written_before(feed, tmp_path):
    tracked = feed()
    tracked.count(HAPROXY, 0)
    Path(tmp_path / "lost").write_text("untouched")
    tracked.count(HAPROXY, NS)
    assert said(tmp_path) == "untouched"


@pytest.mark.parametrize(
    ("match", "words", "counts"),
    [
        ("", [], True),
        ("exact", ["-c", "input()", "a", "bc"], True),
        ("exact", ["-c", "input()", "a"], False),
        ("partial", ["-c", "input()", "a"], True),
        ("partial", ["-c", "input()", "a", "b"], False),
        ("initial", ["-c", "input()", "a", "b"], True),
        ("initial", ["-c", "input()", "b"], False),
    ],
)
def test_a_command_line_is_compared_as_it_is_matched(feed, tmp_path, match, words, counts):
    with subprocess.Popen([sys.executable, "-c", "input()", "a", "bc"], stdin=subprocess.PIPE) as process:
        while b"bc" not in Path(f"/proc/{process.pid}/cmdline").read_bytes():
            os.sched_yield()
        feed(words=[sys.executable, *words], whole_command=True, match=match).count({process.pid: "python3"}, 0)
        process.kill()
    assert said(tmp_path) == ("0\n" if counts else "1\n")
