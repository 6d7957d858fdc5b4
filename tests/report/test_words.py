from harness.clock import Bounds, at_least
from harness.figures import told
from harness.report.words import milliseconds


def test_measures_as_they_are_said():
    assert told(None) == "–"
    assert told(0.0) == "0"
    assert told(0.00042) == "0.0004"
    assert told(2.8714) == "2.871"
    assert told(Bounds(2.85, 2.88)) == "2.850–2.880"
    assert told(Bounds(2.8801, 2.8814)) == "2.881"
    assert told(at_least(6.1)) == "≥ 6.100"


def test_milliseconds_carry_what_they_can():
    assert [milliseconds(v) for v in (None, 4.256, 391.4)] == ["–", "4.26", "391"]
