import io
import re
import time

import pytest

from harness.cli import voice
from harness.contracts import Passing


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def speak(monkeypatch):
    """Return a voice, and the text that it has written, in an environment that asks for nothing special."""
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def made(file, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return voice.Voice(voice.console(file=file)), file.getvalue

    return made


LONG = "a path that is long: /" + "folder/" * 20 + " and [brackets] of :7: its own"


def test_in_a_pipe_a_line_is_a_line(speak):
    tell, said = speak(io.StringIO())
    tell(LONG)
    assert re.fullmatch(r"\d\d:\d\d:\d\d  " + re.escape(LONG) + "\n", said())


def test_in_a_terminal_lines_go_on_under_their_beginning(speak):
    tell, said = speak(Terminal(), COLUMNS="40", NO_COLOR="1", TERM="dumb")
    tell("some words that do not fit in forty columns")
    assert re.fullmatch(r"\d\d:\d\d:\d\d  some words that do not fit in\n {10}forty columns\n", said())


def test_several_trials_are_told_apart_and_each_goes_on_under_its_own_words(speak):
    tell, said = speak(Terminal(), COLUMNS="40", NO_COLOR="1", TERM="dumb")
    tell(" 7\tsome words that do not fit in forty columns")
    assert [line[10:] for line in said().splitlines()] == [" 7  some words that do not fit", "    in forty columns"]


@pytest.mark.parametrize(("name", "value", "coloured"), [("TERM", "dumb", False), ("TERM", "xterm", True)])
def test_only_a_terminal_that_can_gets_styles(speak, name, value, coloured):
    tell, said = speak(Terminal(), **{name: value})
    tell("something")
    assert ("\x1b[" in said()) is coloured


def test_colour_that_is_asked_for_comes_without_breaks_or_moves(speak):
    tell, said = speak(io.StringIO(), FORCE_COLOR="1")
    with tell.working("a title"):
        tell(LONG)
    assert "\x1b[2m" in said()
    assert len(said().splitlines()) == 1


def test_what_passes_is_told_now_and_then_in_a_pipe(speak, monkeypatch):
    tell, said = speak(io.StringIO())
    now = 1000.0  # whole seconds: sums of others are rounded
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with tell.working("a title"):
        tell("begun")
        for second in range(70):
            now += 1
            tell(Passing(f"step {second}"))
    assert [line[10:] for line in said().splitlines()] == ["begun", "step 29", "step 59"]


def test_in_a_terminal_it_moves_in_one_line_and_leaves_no_trace(speak):
    tell, said = speak(Terminal(), COLUMNS="30")
    with tell.working("a title that is much longer than thirty columns"):
        tell("stays")
        tell(Passing("step 1, of a build that takes long"))
    plain = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", said())
    assert "step 1, of a build that ta…" in plain
    assert "stays\n" in plain
    assert all(len(line.rpartition("\r")[2]) <= 30 for line in plain.split("\n"))


def test_without_a_line_that_moves_a_terminal_is_spared_what_passes(speak):
    tell, said = speak(Terminal())
    tell(Passing("step 1"))
    assert said() == ""
