import os
import signal

import pytest

from harness.agent.deeds import frames, freeze
from harness.agent.deeds.deed import Unproven
from harness.agent.deeds.freeze import of_the_node
from tests.agent.test_processes import NAME, victim

# pid → (parent's, what was called), as in a node: init, the supervisor and what it keeps, and what the engine runs.
NODE = {
    1: (0, "tini"),
    7: (1, "runsvdir"),
    20: (7, "agent-node"),
    21: (20, "python3"),
    22: (20, "svlogd"),
    30: (7, "expiry"),
    31: (30, "sleep"),
    40: (7, "haproxy"),
    41: (40, "haproxy"),
    42: (41, "haproxy"),
    50: (7, "keepalived"),
    51: (50, "keepalived"),
    52: (51, "keepalived"),
    53: (52, "killall"),
    60: (1, "orphan"),
    70: (0, "python3"),
    71: (70, "tc"),
}


def test_what_would_run_on_a_machine_of_its_own_is_meant_and_nothing_that_measures():
    assert of_the_node(NODE) == [40, 41, 42, 50, 51, 52, 53, 60]


def states(pid: int) -> set[str]:
    return set(freeze._states(pid))


def test_all_of_it_is_proven_to_stand_still_and_to_go_on(monkeypatch):
    with victim() as one, victim() as other:
        monkeypatch.setattr(freeze, "_table", lambda: {1: (0, "tini"), one.pid: (1, NAME), other.pid: (1, NAME)})
        assert freeze._signalled(signal.SIGSTOP) == sorted([one.pid, other.pid])
        assert states(one.pid) == states(other.pid) == {"T"}
        assert freeze._signalled(signal.SIGSTOP) == []  # which stood still before
        assert freeze._signalled(signal.SIGCONT) == sorted([one.pid, other.pid])
        assert "T" not in states(one.pid) | states(other.pid)
        for process in (one, other):
            process.kill()


def test_what_is_born_meanwhile_is_stopped_too(monkeypatch):
    with victim() as one, victim() as late:
        tables = [{one.pid: (1, NAME)}]
        monkeypatch.setattr(
            freeze, "_table", lambda: tables.pop() if tables else {one.pid: (1, NAME), late.pid: (one.pid, NAME)}
        )
        assert freeze._signalled(signal.SIGSTOP) == sorted([one.pid, late.pid])
        assert states(late.pid) == {"T"}
        for process in (one, late):
            process.kill()


def test_what_does_not_stand_still_is_said(monkeypatch):
    monkeypatch.setattr(freeze, "PATIENCE_S", 0.0)
    monkeypatch.setattr(freeze, "_table", lambda: {7: (1, "x")})
    monkeypatch.setattr(freeze, "_awaited", lambda pid, number: True)
    monkeypatch.setattr(os, "kill", lambda pid, number: None)
    with pytest.raises(Unproven, match=r"SIGSTOP has not come about after 0 s: \[7\]"):
        freeze._signalled(signal.SIGSTOP)


def test_a_kernel_that_cannot_drop_frames_is_said_before_anything_is_stopped(monkeypatch):
    monkeypatch.setattr(frames, "batch", lambda program, lines: "Error: TC classifier not found.")
    monkeypatch.setattr(freeze, "_signalled", lambda number: pytest.fail("somebody was stopped"))
    with pytest.raises(Unproven, match="frames still pass: Error: TC classifier not found.; this kernel may lack"):
        freeze.Freeze().do()
