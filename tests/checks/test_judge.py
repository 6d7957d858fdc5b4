import pytest

from harness.analysis.measure import measure
from harness.checks import NoAcknowledgedWriteLost, VipMoves
from harness.checks.judge import judge
from harness.events import AgentLost, AgentPressure
from harness.verdict import Finding, Outcome, Verdict, worst
from tests.drawn import BACKENDS, crash_of_owner


class Crashes:
    def findings(self, history, measures):
        raise ZeroDivisionError("of all things")


class SaysNothing:
    def findings(self, history, measures):
        return []


def judged(drawn, *checks):
    history = drawn.history()
    return judge(history, measure(history, BACKENDS), checks)


def test_a_crashed_check_is_inconclusive():
    (finding,) = judged(crash_of_owner(), Crashes())
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert finding.message == "the check crashed: ZeroDivisionError: of all things"


def test_a_check_without_an_answer_is_inconclusive():
    assert judged(crash_of_owner(), SaysNothing())[0].outcome is Outcome.INCONCLUSIVE


def test_a_fault_that_was_never_injected_is_inconclusive():
    (finding,) = judged(crash_of_owner(), VipMoves(4, within_s=1))
    assert (finding.outcome, finding.message) == (Outcome.INCONCLUSIVE, "fault 5 was never injected")


def test_a_doubtful_history_cannot_pass():
    doubt, moved = judged(crash_of_owner(late_ms=90), VipMoves(0, within_s=4))
    assert (doubt.check, moved.outcome) == ("Validity", Outcome.PASSED)
    assert worst([doubt, moved]) is Outcome.INCONCLUSIVE


def test_what_rests_on_time_cannot_fail_on_a_machine_in_doubt():
    doubt, moved = judged(crash_of_owner(late_ms=90), VipMoves(0, within_s=1))
    assert doubt.doubted and "90.0 ms late" in doubt.message
    assert (moved.outcome, moved.doubted) == (Outcome.INCONCLUSIVE, True)
    assert moved.message.startswith("in doubt: the VIP moved from m1 to m2 after")
    assert worst([doubt, moved]) is Outcome.INCONCLUSIVE


def test_what_rests_on_time_cannot_fail_with_an_instrument_in_doubt_and_another_try_would_not_help():
    d = crash_of_owner()
    d.event(4, "m2", AgentLost(count=12, reason="the socket's buffer was full"), "wire")
    doubt, moved = judged(d, VipMoves(0, within_s=1))
    assert [(f.outcome, f.doubted) for f in (doubt, moved)] == [(Outcome.INCONCLUSIVE, False)] * 2


def strained(share: float):
    """The owner crashes, and for a share of the trial somebody waited for a processor."""
    d = crash_of_owner(stalled_us=5)
    d.stops(40, "client", "prober", stalled_us=5 + round(share * 40e6))
    return d


def test_a_figure_that_is_too_slow_on_a_strained_machine_is_in_doubt():
    doubt, moved = judged(strained(0.8), VipMoves(0, within_s=1))
    assert doubt.message.startswith("for 80% of the trial somebody had no processor")
    assert [(f.outcome, f.doubted) for f in (doubt, moved)] == [(Outcome.INCONCLUSIVE, True)] * 2
    (moved,) = judged(strained(0.45), VipMoves(0, within_s=1))
    assert moved.outcome is Outcome.FAILED


@pytest.mark.parametrize(("lasts_s", "outcome"), [(3, Outcome.FAILED), (7, Outcome.INCONCLUSIVE)])
def test_so_it_is_in_a_burst_that_lasts(lasts_s, outcome):
    d, stalled_us = strained(0.3), 5
    for second in range(31):
        d.event(second, "client", AgentPressure(stalled_us=stalled_us), "arp")
        stalled_us += 1_000_000 if 12 <= second < 12 + lasts_s else 200_000
    *doubts, moved = judged(d, VipMoves(0, within_s=1))
    assert moved.outcome is outcome
    told = "for 100% of 5 s, 12 s after the clients' start, somebody had no processor to run on"
    assert all(f.message.startswith(told) for f in doubts)
    assert bool(doubts) is (outcome is Outcome.INCONCLUSIVE)


def test_what_passes_on_a_strained_machine_has_passed():
    (moved,) = judged(strained(0.8), VipMoves(0, within_s=4))
    assert moved.outcome is Outcome.PASSED


def lost_write(late_ms: float = 1.0):
    d = crash_of_owner(late_ms)
    d.write(1)
    d.readback(29, ["w-1"])
    return d


def test_what_no_busy_machine_can_cause_fails_all_the_same():
    doubt, lost = judged(lost_write(late_ms=90), NoAcknowledgedWriteLost())
    assert (doubt.outcome, lost.outcome) == (Outcome.INCONCLUSIVE, Outcome.FAILED)


def test_a_crashed_check_is_no_matter_of_the_machine():
    doubt, crashed = judged(crash_of_owner(late_ms=90), Crashes())
    assert (doubt.doubted, crashed.doubted) == (True, False)


def verdict(findings: list[Finding]) -> Verdict:
    return Verdict("s", "p", "t", worst(findings), findings, [], [], {}, {}, None, None, None, {}, duration_s=1.0)


def test_only_a_trial_that_nothing_but_the_machine_keeps_from_an_answer_is_worth_another():
    assert verdict(judged(crash_of_owner(late_ms=90), VipMoves(0, within_s=1))).doubted
    assert not verdict(judged(crash_of_owner(late_ms=90), Crashes())).doubted
    assert not verdict(judged(lost_write(late_ms=90), NoAcknowledgedWriteLost())).doubted
    assert not verdict(judged(crash_of_owner(), VipMoves(0, within_s=1))).doubted
    assert not verdict([]).doubted


def test_no_check_at_all_is_inconclusive():
    assert worst(judged(crash_of_owner())) is Outcome.INCONCLUSIVE
