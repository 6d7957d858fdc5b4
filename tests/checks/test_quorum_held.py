from harness.checks import QuorumHeld
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn


def one_dead() -> Drawn:
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m2", "etcd")
    d.probes(0, 20)
    return d


def test_it_held_where_a_write_is_acknowledged_that_was_sent_after_the_fault():
    d = one_dead()
    d.write(2.9)
    d.write(3.5, status=500, error="5xx")
    d.write(5)
    (finding,) = ask(d, QuorumHeld(0))
    assert finding.outcome is Outcome.PASSED
    assert "1 of 2 writes were acknowledged, the first 2.0" in finding.message


def test_it_is_gone_where_none_is_after_the_longest_election():
    d = one_dead()
    d.write(2.9)
    for at_s in (4, 9, 12):
        d.write(at_s, status=500, error="5xx")
    (finding,) = ask(d, QuorumHeld(0))
    assert finding.outcome is Outcome.FAILED
    assert "3 were tried, 2 of them" in finding.message


def test_an_election_that_may_still_be_under_way_proves_nothing():
    d = one_dead()
    d.write(4, status=500, error="5xx")
    assert outcomes(d, QuorumHeld(0)) == [Outcome.INCONCLUSIVE]


def test_what_is_acknowledged_after_healing_does_not_count():
    d = one_dead()
    d.heal(15, "m2")
    d.write(9, status=500, error="5xx")
    d.write(16)
    assert outcomes(d, QuorumHeld(0)) == [Outcome.FAILED]
