from harness.checks import Readmits
from harness.verdict import Outcome
from tests.checks.asked import outcomes
from tests.drawn import Drawn, crash_of_owner


def test_every_haproxy_is_judged_from_healing_on():
    assert outcomes(crash_of_owner(), Readmits(0, within_s=3)) == [Outcome.PASSED] * 2
    assert outcomes(crash_of_owner(), Readmits(0, within_s=2.6)) == [Outcome.PASSED, Outcome.FAILED]


def test_what_was_never_evicted_was_not_readmitted():
    d = Drawn()
    d.server(-1, "m2", "master", "UP", initial=True)
    d.kill(3, "m1", "kube-apiserver")
    d.heal(5, "m1")
    d.probes(0, 9)
    assert outcomes(d, Readmits(0, within_s=3)) == [Outcome.INCONCLUSIVE]
