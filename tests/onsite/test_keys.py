"""The key that marks a moment, pressed in a terminal of the test's own."""

import os
import pty
import sys
import termios
import time

from harness.onsite import keys, marks


def test_m_marks_the_moment_it_is_pressed_and_the_terminal_is_as_before(tmp_path, monkeypatch):
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "rb", buffering=0) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        before = termios.tcgetattr(terminal)
        with keys.marking(tmp_path) as pressed:
            assert pressed
            began = time.monotonic_ns()
            os.write(ours, b"xm")
            until = time.monotonic() + 100
            while not marks.marked(tmp_path):
                assert time.monotonic() < until
                time.sleep(0.01)
        assert termios.tcgetattr(terminal) == before
    os.close(ours)
    (mark,) = marks.marked(tmp_path)
    assert began <= mark.t_ns <= time.monotonic_ns()


def test_without_a_terminal_there_is_no_key(tmp_path, monkeypatch):
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with keys.marking(tmp_path) as pressed:
            assert not pressed
