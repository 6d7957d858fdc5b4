from harness.checks import QuorumLost
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import refused, two_dead


def test_quorum_is_lost_when_a_living_apiserver_refuses_and_none_acknowledges():
    (finding,) = ask(refused(two_dead()), QuorumLost())
    assert finding.outcome is Outcome.PASSED
    assert finding.message == "quorum was lost: of 40 writes none was acknowledged, m3 refused 40"


def test_an_acknowledged_write_means_that_it_was_not():
    d = refused(two_dead())
    d.write(21)
    assert outcomes(d, QuorumLost()) == [Outcome.FAILED]


def test_writes_that_reached_nobody_prove_nothing():
    d = two_dead()
    d.write(21, took_s=3, status=None, error="connect_timeout")
    assert outcomes(d, QuorumLost()) == [Outcome.INCONCLUSIVE]


def test_a_load_balancer_that_has_no_backend_left_turns_writes_away():
    d = two_dead()
    d.write(21, took_s=0.01, status=None, error="closed")
    (finding,) = ask(d, QuorumLost())
    assert finding.outcome is Outcome.PASSED
    assert finding.message == "quorum was lost: of 1 writes none was acknowledged, 1 found no backend"
