from harness.checks import RecoversWithin
from harness.clock import unended
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn, crash_of_owner


def test_service_without_a_failed_request_after_healing_is_whole():
    assert outcomes(crash_of_owner(), RecoversWithin(0, within_s=1)) == [Outcome.PASSED]


def test_the_last_failed_request_counts():
    d = crash_of_owner()
    d.probe(23.2, error="reset")
    assert outcomes(d, RecoversWithin(0, within_s=3)) == [Outcome.FAILED]
    assert outcomes(d, RecoversWithin(0, within_s=4)) == [Outcome.PASSED]


def test_requests_that_fail_to_the_very_end_never_recovered():
    d = crash_of_owner()
    d.probe(29.995, error="refused")
    (finding,) = ask(d, RecoversWithin(0, within_s=1000))
    assert finding.outcome is Outcome.FAILED
    assert unended(finding.measured)


def test_one_that_fails_alone_in_the_last_second_is_the_last_that_failed():
    d = crash_of_owner()
    d.probe(29.5, error="5xx")
    (finding,) = ask(d, RecoversWithin(0, within_s=10))
    assert finding.outcome is Outcome.PASSED and not unended(finding.measured)


def test_two_that_fail_in_the_last_second_may_be_the_first_of_many():
    d = crash_of_owner()
    d.probe(29.4, error="5xx")
    d.probe(29.5, error="5xx")
    (finding,) = ask(d, RecoversWithin(0, within_s=10))
    assert unended(finding.measured)


def test_a_part_that_stays_dead_fails_although_clients_are_served():
    d = crash_of_owner()
    d.process(21, "m1", "etcd")
    d.process(22, "m1", "etcd", alive=False)
    passed, failed = ask(d, RecoversWithin(0, within_s=1))
    assert passed.outcome is Outcome.PASSED
    assert (failed.outcome, failed.message) == (Outcome.FAILED, "not whole at the end: etcd was not running on m1")


def test_what_is_healed_together_counts_from_the_last():
    """m3 is down as well, and switched on 2 s before m1, which then takes the VIP back."""
    d = crash_of_owner()
    d.crash(14, "m3", index=1)
    d.heal(18, "m3", index=1)
    d.probe(21.2, error="reset")
    assert outcomes(d, RecoversWithin(1, within_s=1.5)) == [Outcome.PASSED]
    assert outcomes(d, RecoversWithin(1, within_s=1)) == [Outcome.FAILED]


def test_a_fault_without_healing_fails():
    d = Drawn()
    d.kill(3, "m1", "haproxy")
    d.probes(0, 9)
    assert outcomes(d, RecoversWithin(0, within_s=3)) == [Outcome.FAILED]
