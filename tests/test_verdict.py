import json

import pytest

from harness import verdict
from harness.clock import Bounds, Measured, at_least
from harness.errors import HistoryError, UsageError
from harness.figures import rounded
from harness.verdict import FaultMeasures, Finding, Guest, Intervals, Outcome, Verdict, Within, worst

PREDICTED: Intervals = {
    "blackout_s": Within(1.0, 2.0),
    "failback_s": "never",
    "vip_migration_s": Within(1.0, 2.0, "never"),
}


def judged(measures: list[Measured]) -> Verdict:
    findings = [Finding("c", Outcome.PASSED, "", one) for one in measures]
    fault = FaultMeasures("F", "m1", 3.0, 0.001, predicted=PREDICTED)
    passed = Outcome.PASSED
    return Verdict("s", "p", "t", passed, findings, [fault], [], {}, {}, None, None, None, {}, duration_s=9.0)


def test_the_worst_finding_wins():
    passed, unsure, failed = (Finding("c", o, "") for o in Outcome)
    assert worst([passed]) is Outcome.PASSED
    assert worst([passed, unsure]) is Outcome.INCONCLUSIVE
    assert worst([failed, unsure, passed]) is Outcome.FAILED
    assert worst([]) is Outcome.INCONCLUSIVE


def test_measures_have_four_json_shapes_and_come_back_from_them(tmp_path):
    measures = [None, 1.2, Bounds(1.0, 2.0), at_least(3.0)]
    kept = judged(measures)
    verdict.write(tmp_path / "verdict.json", kept)
    told = json.loads((tmp_path / "verdict.json").read_text())
    assert [f["measured"] for f in told["findings"]] == [None, 1.2, {"min": 1, "max": 2}, {"at_least": 3}]
    assert told["faults"][0]["predicted"] == {
        "blackout_s": {"min": 1, "max": 2},
        "failback_s": "never",
        "vip_migration_s": {"min": 1, "max": 2, "otherwise": "never"},
    }
    assert verdict.read(tmp_path / "verdict.json") == kept
    assert json.loads(verdict.encoded([kept])) == [told]


def test_a_measure_is_rounded_to_the_microsecond():
    measures = (None, 1.23456789, Bounds(0.0000004, 2.0000006), at_least(3.0000001))
    assert [rounded(one) for one in measures] == [None, 1.234568, Bounds(0.0, 2.000001), at_least(3.0)]


@pytest.mark.parametrize("damage", ["", "{}", '{"schema": 2}', '{"schema": 1, "scenario": 3}'])
def test_a_verdict_that_cannot_be_understood_is_refused(tmp_path, damage):
    path = tmp_path / "verdict.json"
    path.write_text(damage)
    with pytest.raises(HistoryError, match=r"verdict\.json"):
        verdict.read(path)


def test_a_verdict_finds_a_guest_by_its_image_or_its_seat_and_says_who_there_is():
    kept = judged([])
    kept.guests = [Guest("seat1", 0, Bounds(5.5, 6.5), stall_s=at_least(4.0), name="acme/operator")]
    assert kept.client("acme/operator") is kept.client("seat1")
    with pytest.raises(UsageError, match="no guest 'kopf' was seen .*; seen: acme/operator"):
        kept.client("kopf")


def test_a_guests_figures_come_back_from_their_file(tmp_path):
    kept = judged([])
    kept.guests = [Guest("seat1", 0, Bounds(5.5, 6.5), stall_s=at_least(4.0), name="acme/operator")]
    verdict.write(tmp_path / "verdict.json", kept)
    assert verdict.read(tmp_path / "verdict.json") == kept
