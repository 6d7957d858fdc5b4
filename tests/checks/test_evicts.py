from harness.checks import Evicts
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn, crash_of_owner


def test_every_haproxy_is_judged():
    assert outcomes(crash_of_owner(), Evicts(0, within_s=12)) == [Outcome.PASSED] * 2
    assert outcomes(crash_of_owner(), Evicts(0, within_s=10.6)) == [Outcome.PASSED, Outcome.FAILED]


def test_it_says_who_evicted_whom_and_why():
    first, _ = ask(crash_of_owner(), Evicts(0, within_s=12))
    assert first.message.startswith("m2's haproxy evicted master (L4TOUT) after 10.479–10.500 s")


def test_no_haproxy_that_could_tell_is_inconclusive():
    d = Drawn()
    d.kill(3, "m1", "kube-apiserver")
    assert outcomes(d, Evicts(0, within_s=12)) == [Outcome.INCONCLUSIVE]
