from harness.checks import FailsBack
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn, crash_of_owner


def test_in_time_and_too_late():
    assert outcomes(crash_of_owner(), FailsBack(0, within_s=3.1)) == [Outcome.PASSED]
    assert outcomes(crash_of_owner(), FailsBack(0, within_s=2.9)) == [Outcome.FAILED]


def test_a_vip_that_had_not_left_cannot_come_back():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m1", "haproxy")
    d.heal(5, "m1")
    d.probes(0, 9)
    (finding,) = ask(d, FailsBack(0, within_s=3))
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert "had not lost the VIP" in finding.message
