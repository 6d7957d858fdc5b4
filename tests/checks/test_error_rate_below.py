from harness.checks import ErrorRateBelow
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn, crash_of_owner


def drawn(failed: int) -> Drawn:
    """A hundred requests between a fault at 3 s and its healing at 8 s, and others around it that fail."""
    d = Drawn()
    d.kill(3, "m1", "haproxy")
    for number in range(100):
        d.probe(3.01 + number * 0.04, error="reset" if number < failed else None)
    for at in (1.0, 2.0, 9.0, 10.0):
        d.probe(at, error="reset")
    d.heal(8, "m1")
    return d


def test_what_fails_while_it_is_broken_counts_and_nothing_else():
    (finding,) = ask(drawn(4), ErrorRateBelow(0, 0.05))
    assert (finding.outcome, finding.message) == (Outcome.PASSED, "4 of 100 requests failed: 4.00%, of 5.00% allowed")


def test_as_many_as_are_allowed_are_too_many():
    assert outcomes(drawn(5), ErrorRateBelow(0, 0.05)) == [Outcome.FAILED]


def test_without_a_request_nothing_is_known():
    d = Drawn()
    d.kill(3, "m1", "haproxy")
    d.probe(1.0)
    assert outcomes(d, ErrorRateBelow(0, 0.05)) == [Outcome.INCONCLUSIVE]


def test_a_crash_costs_more_than_a_tenth():
    assert outcomes(crash_of_owner(), ErrorRateBelow(0, 0.1)) == [Outcome.FAILED]
