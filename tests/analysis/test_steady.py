import pytest

from harness.analysis.faults import faults
from harness.analysis.steady import Steady, steady
from harness.predict.timers import LATENCY_S, SLACK_S
from tests.drawn import Drawn


def before(slow_s: float, failed: int = 0) -> Steady:
    """A hundred requests, two of them slow, then haproxy dies and none is answered any more."""
    d = Drawn()
    d.probes(0, 0.98)
    d.probe(0.98, took_s=slow_s)
    d.probe(0.99, took_s=slow_s)
    for _ in range(failed):
        d.probe(1, error="reset")
    d.kill(4, "m1", "haproxy")
    d.probes(4, 5, error="refused")
    history = d.history()
    return steady(history, faults(history))


def test_answers_as_quick_as_the_slack_allows_for_change_nothing():
    assert before(0.05).slack_s == SLACK_S
    assert list(before(0.05).doubts()) == []


def test_a_figure_may_be_as_late_as_the_machine_is_slow():
    assert before(0.1).slack_s == pytest.approx(SLACK_S + 0.1 - LATENCY_S)
    assert list(before(0.1).doubts()) == []
    assert Steady(0, 0.05, 0.9).slack_s == 2 * SLACK_S


def test_a_machine_that_takes_too_long_is_too_busy():
    (doubt,) = before(0.3).doubts()
    assert "took 0.30 s or longer, more than 0.26 s" in doubt


def test_failures_before_the_fault_leave_no_steady_state():
    assert list(before(0.01, failed=3).doubts()) == [
        "3 requests failed before anything was broken: there was no steady state"
    ]


def test_without_any_answer_nothing_is_known():
    history = Drawn().history()
    assert steady(history, []) == Steady(0)
    assert Steady(0).slack_s == SLACK_S
