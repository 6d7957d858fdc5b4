import pytest

from harness import verdict
from harness.clock import AtLeast, Bounds
from harness.errors import HistoryError
from harness.verdict import Finding, Outcome, plain, worst


def test_the_worst_finding_wins():
    passed, unsure, failed = (Finding("c", o, "") for o in Outcome)
    assert worst([passed]) is Outcome.PASSED
    assert worst([passed, unsure]) is Outcome.INCONCLUSIVE
    assert worst([failed, unsure, passed]) is Outcome.FAILED
    assert worst([]) is Outcome.INCONCLUSIVE


def test_measures_have_four_json_shapes():
    assert plain(None) is None
    assert plain(1.23456789) == 1.234568
    assert plain(Bounds(1, 2)) == {"min": 1, "max": 2}
    assert plain(AtLeast(3)) == {"at_least": 3}


@pytest.mark.parametrize("damage", ["", "{}", '{"schema": 2}', '{"schema": 1, "scenario": 3}'])
def test_a_verdict_that_cannot_be_understood_is_refused(tmp_path, damage):
    path = tmp_path / "verdict.json"
    path.write_text(damage)
    with pytest.raises(HistoryError, match=r"verdict\.json"):
        verdict.read(path)
