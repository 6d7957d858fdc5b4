from harness.checks import VipStays
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn


def killed() -> Drawn:
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m2", "kube-apiserver")
    d.probes(0, 10)
    return d


def test_it_stayed():
    assert outcomes(killed(), VipStays(0)) == [Outcome.PASSED]


def test_it_went():
    d = killed()
    d.vip(5, "m1", present=False)
    d.vip(5.5, "m3")
    (finding,) = ask(d, VipStays(0))
    assert finding.outcome is Outcome.FAILED
    assert finding.message == "the VIP did not stay on m1: it came to m3 after 2.50 s"


def test_it_went_to_nobody():
    d = killed()
    d.vip(5, "m1", present=False)
    (finding,) = ask(d, VipStays(0))
    assert finding.message == "the VIP did not stay on m1: it left m1 after 2.00 s"


def test_two_owners_before_the_fault_prove_nothing():
    d = killed()
    d.vip(-5, "m3")
    assert outcomes(d, VipStays(0)) == [Outcome.INCONCLUSIVE]
