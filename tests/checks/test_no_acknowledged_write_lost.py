from harness.checks import NoAcknowledgedWriteLost
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn


def written(lost: list[str] | None) -> Drawn:
    d = Drawn()
    d.write(1)
    d.write(2)
    d.readback(9, lost)
    return d


def test_all_found_again():
    assert outcomes(written([]), NoAcknowledgedWriteLost()) == [Outcome.PASSED]


def test_lost_ones_are_named():
    (finding,) = ask(written(["w-1"]), NoAcknowledgedWriteLost())
    assert finding.outcome is Outcome.FAILED
    assert "1 of 2 acknowledged writes are gone: w-1" in finding.message


def test_without_a_readback_nothing_is_known():
    assert outcomes(written(None), NoAcknowledgedWriteLost()) == [Outcome.INCONCLUSIVE]
    assert outcomes(Drawn(), NoAcknowledgedWriteLost()) == [Outcome.INCONCLUSIVE]
