"""The operator's own command: when it is run, what is marked of it, and that it does not outlive the watching."""

import time

import pytest

from harness.errors import UsageError
from harness.events import Mark
from harness.onsite import marks
from harness.onsite.command import LOG, run_after, words_of


def until(happened):
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def marked(folder):
    return [(event.t_ns, event.data.text) for event in marks.marked(folder) if isinstance(event.data, Mark)]


def test_it_is_run_once_and_marked_where_it_started(tmp_path):
    begun_ns = time.monotonic_ns()
    with run_after(0.2, words_of("sh -c 'echo broken; sleep 0.3; exit 3'"), tmp_path):
        until(lambda: marked(tmp_path))
    ((t_ns, text),) = marked(tmp_path)
    assert 0.2 <= (t_ns - begun_ns) / 1e9 < (time.monotonic_ns() - begun_ns) / 1e9 - 0.3
    assert text.startswith("$ sh -c 'echo broken; sleep 0.3; exit 3' (") and text.endswith(" s, status 3)")
    assert (tmp_path / LOG).read_text() == "broken\n"


def test_one_that_still_runs_at_the_end_is_ended_and_said_to_have_been(tmp_path):
    with run_after(0.0, ["sleep", "100"], tmp_path):
        until(lambda: (tmp_path / LOG).exists())
        time.sleep(0.1)
    ((_, text),) = marked(tmp_path)
    assert text.startswith("$ sleep 100 (") and text.endswith(" s, it had not ended)")


def test_one_that_cannot_be_run_is_marked_with_the_reason(tmp_path):
    with run_after(0.0, ["/nowhere/at/all"], tmp_path):
        until(lambda: marked(tmp_path))
    assert marked(tmp_path)[0][1] == "$ /nowhere/at/all: No such file or directory"


def test_nothing_is_run_where_the_watching_ends_before(tmp_path):
    with run_after(100.0, ["touch", str(tmp_path / "touched")], tmp_path):
        pass
    assert not marked(tmp_path) and not (tmp_path / "touched").exists()


def test_a_quote_that_is_left_open_is_refused():
    with pytest.raises(UsageError, match="no closing quotation"):
        words_of("ssh m1 'reboot")
