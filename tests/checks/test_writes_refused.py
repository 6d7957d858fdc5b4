from harness.checks import WritesRefusedWithoutQuorum
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import refused, two_dead


def test_refusals_have_a_budget():
    assert outcomes(refused(two_dead()), WritesRefusedWithoutQuorum(within_s=2.25)) == [Outcome.PASSED]
    assert outcomes(refused(two_dead(), took_s=2.5), WritesRefusedWithoutQuorum(within_s=2.25)) == [Outcome.FAILED]


def test_a_write_that_hung_fails_whatever_the_budget():
    d = refused(two_dead())
    d.write(22, took_s=4, status=None, error="response_timeout")
    (finding,) = ask(d, WritesRefusedWithoutQuorum(within_s=1000))
    assert finding.outcome is Outcome.FAILED
    assert finding.message == "1 of 41 writes hung until the client gave up, after 4.00 s"


def test_what_hung_before_the_dead_backends_were_evicted_does_not_count():
    d = refused(two_dead())
    d.write(15, took_s=4, status=None, error="tls")
    assert outcomes(d, WritesRefusedWithoutQuorum(within_s=2.25)) == [Outcome.PASSED]
