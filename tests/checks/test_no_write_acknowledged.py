from harness.checks import NoWriteAcknowledged
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn


def full() -> Drawn:
    """Writes that are answered well before a fault at 3 s and after its healing at 8 s, and refused between."""
    d = Drawn()
    d.kill(3, "m1", "etcd")
    for at_s in (1, 2, 9, 10):
        d.write(at_s)
    for at_s in (4, 5, 6):
        d.write(at_s, status=500, error="5xx")
    d.heal(8, "m1")
    return d


def test_nothing_is_written_and_everybody_is_told():
    (finding,) = ask(full(), NoWriteAcknowledged(0))
    assert (finding.outcome, finding.message) == (Outcome.PASSED, "all 3 writes were refused, with 500")


def test_one_that_is_acknowledged_is_one_too_many():
    d = full()
    d.write(7)
    (finding,) = ask(d, NoWriteAcknowledged(0))
    assert (finding.outcome, finding.message) == (Outcome.FAILED, "1 of 4 writes were acknowledged")


def test_nobody_is_left_without_an_answer():
    d = full()
    d.write(7, status=None, error="response_timeout")
    assert outcomes(d, NoWriteAcknowledged(0)) == [Outcome.FAILED]


def test_without_a_write_nothing_is_known():
    d = Drawn()
    d.kill(3, "m1", "etcd")
    d.write(2)
    assert outcomes(d, NoWriteAcknowledged(0)) == [Outcome.INCONCLUSIVE]
