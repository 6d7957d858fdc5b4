from harness.checks import BlackoutWithin
from harness.clock import unended
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn, crash_of_owner


def test_the_greatest_possible_length_is_what_counts():
    assert outcomes(crash_of_owner(), BlackoutWithin(0, within_s=3.1)) == [Outcome.PASSED]
    assert outcomes(crash_of_owner(), BlackoutWithin(0, within_s=3.005)) == [Outcome.FAILED]


def test_what_never_ended_is_over_any_budget():
    d = Drawn()
    d.kill(3, "m1", "haproxy")
    d.probes(0, 3)
    d.probes(3, 9, error="refused", took_s=0.001)
    (finding,) = ask(d, BlackoutWithin(0, within_s=1000))
    assert finding.outcome is Outcome.FAILED
    assert unended(finding.measured)
