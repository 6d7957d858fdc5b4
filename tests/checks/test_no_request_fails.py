from harness.checks import NoRequestFails
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn


def reloaded() -> Drawn:
    d = Drawn()
    d.vip(-5, "m1")
    d.fault(3, "m1")
    d.probes(0, 2.9)
    d.probes(3.1, 6)
    return d


def test_none_failed():
    (finding,) = ask(reloaded(), NoRequestFails(0))
    assert finding.outcome is Outcome.PASSED
    assert finding.message == "none of 290 requests failed"


def test_one_is_enough_and_one_under_way_counts():
    d = reloaded()
    d.probe(2.99, took_s=0.02, error="reset")
    d.probe(5.001, error="refused")
    (finding,) = ask(d, NoRequestFails(0))
    assert finding.outcome is Outcome.FAILED
    assert finding.message == "2 of 292 requests failed: reset 1, refused 1"


def test_what_failed_before_is_another_s_business():
    d = reloaded()
    d.probe(1.001, error="reset")
    assert outcomes(d, NoRequestFails(0)) == [Outcome.PASSED]


def test_without_requests_nothing_is_shown():
    d = Drawn()
    d.vip(-5, "m1")
    d.fault(3, "m1")
    assert outcomes(d, NoRequestFails(0)) == [Outcome.INCONCLUSIVE]
