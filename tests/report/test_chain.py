import pytest

from harness.clock import Bounds, at_least
from harness.report.chain import chain
from harness.verdict import FaultMeasures, Outcome, Verdict


def drawn(**measured):
    fault = FaultMeasures("ProcessKill", "m1", 3.0, 0.001, new_owner="m2", **measured)
    return chain(Verdict("s", "p", "t", Outcome.PASSED, [], [fault], [], {}, {}, None, None, None, {}, duration_s=9.0))


@pytest.mark.parametrize("blackout_s", [None, 0.9, 40.0, at_least(73.6)])
def test_a_row_is_as_long_as_its_migration_whatever_lies_far_beyond(blackout_s):
    page = drawn(vip_migration_s=Bounds(1.0, 1.2), blackout_s=blackout_s)
    assert "VIP on m2 1.000–1.200" in page


def test_without_a_migration_nothing_is_drawn():
    assert drawn(blackout_s=1.0) is None
