from math import inf

from harness.checks.budget import allowed, within
from harness.clock import Bounds, at_least
from harness.verdict import Intervals, Outcome, Within

PREDICTED: Intervals = {"eviction_s": Within(4.0, 6.0), "failback_s": "never"}


def test_a_budget_is_given_or_predicted():
    assert allowed(9.0, PREDICTED, "eviction_s", 0.3) == 9
    assert allowed(None, PREDICTED, "eviction_s", 0.3) == 6.3
    assert allowed(None, PREDICTED, "failback_s", 0.3) == inf
    assert allowed(None, PREDICTED, "blackout_s", 0.3) is None
    assert allowed(None, {"blackout_s": Within(0.0, inf)}, "blackout_s", 0.3) is None


def test_in_time_and_too_late():
    passed = within("c", "it came", Bounds(5.0, 5.1), 6.2)
    assert (passed.outcome, passed.message) == (
        Outcome.PASSED,
        "it came after 5.000–5.100 s, within its budget of 6.20 s",
    )
    for late in (Bounds(6.3, 6.4), at_least(6.3), 6.3):
        assert "over its budget of 6.20 s" in within("c", "it came", late, 6.2).message


def test_what_may_have_been_too_late_is_not_said_to_have_been():
    for doubtful in (Bounds(5.0, 6.3), at_least(5.0)):
        failed = within("c", "it came", doubtful, 6.2)
        assert failed.outcome is Outcome.FAILED
        assert "not surely within its budget of 6.20 s" in failed.message


def test_what_never_comes_fails_although_it_was_predicted():
    failed = within("c", "it came", at_least(8.0), inf)
    assert (failed.outcome, failed.budget) == (Outcome.FAILED, None)
    assert failed.message == "it came after ≥ 8.000 s, as by this profile's settings it never does"
    assert within("c", "it came", 3.0, inf).outcome is Outcome.PASSED


def test_without_a_figure_or_a_budget_there_is_no_judgement():
    assert within("c", "it came", None, 5.0).message == "it came: not measured"
    doubtful = within("c", "it came", 5.0, None)
    assert (doubtful.outcome, doubtful.message) == (
        Outcome.INCONCLUSIVE,
        "it came after 5.000 s; no budget was given, and none is predicted",
    )
