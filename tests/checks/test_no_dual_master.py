from harness.checks import NoDualMaster
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn


def killed() -> Drawn:
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m1", "keepalived")
    d.probes(0, 20)
    return d


def test_one_after_the_other_is_one_at_a_time():
    d = killed()
    d.vip(5, "m1", present=False)
    d.vip(5.5, "m2")
    (finding,) = ask(d, NoDualMaster(0))
    assert finding.outcome is Outcome.PASSED
    assert finding.message == "the VIP was never on two nodes at once"


def test_an_address_that_stays_behind_is_told_with_both_nodes_and_for_how_long():
    d = killed()
    d.vip(6, "m2")
    d.vip(10, "m1", present=False)
    (finding,) = ask(d, NoDualMaster(0))
    assert finding.outcome is Outcome.FAILED
    assert finding.message == "m1 and m2 had the VIP at once, for 4.000 s"


def test_who_had_it_before_the_fault_is_not_named():
    d = killed()
    d.vip(-9, "m3")
    d.vip(-6, "m3", present=False)
    d.vip(6, "m2")
    (finding,) = ask(d, NoDualMaster(0))
    assert finding.message.startswith("m1 and m2 had the VIP at once")


def test_a_hand_over_takes_a_moment_in_which_both_have_it():
    d = killed()
    d.vip(6, "m2")
    d.vip(6.004, "m1", present=False)
    (finding,) = ask(d, NoDualMaster(0))
    assert finding.outcome is Outcome.PASSED
    assert finding.message == "the VIP was on two nodes for 0.0040 s, as one handed it over"


def test_what_may_have_been_longer_proves_nothing():
    d = Drawn()
    d.vip(-5, "m1")
    d.fault(3, "m1", took_s=2.0, interface="eth0", up=False)
    d.vip(3.5, "m2")
    d.probes(0, 20)
    assert outcomes(d, NoDualMaster(0)) == [Outcome.INCONCLUSIVE]
