from harness.analysis.measure import measure
from harness.checks import VipMoves
from harness.checks.judge import judge
from harness.verdict import Outcome, worst
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


def test_no_check_at_all_is_inconclusive():
    assert worst(judged(crash_of_owner())) is Outcome.INCONCLUSIVE
