import pytest

from harness.checks import DualMasterWithin
from harness.verdict import Outcome
from tests.checks.asked import ask
from tests.drawn import Drawn


@pytest.mark.parametrize(
    ("within_s", "outcome"), [(5.0, Outcome.PASSED), (3.0, Outcome.FAILED), (None, Outcome.INCONCLUSIVE)]
)
def test_two_owners_are_held_against_a_budget(within_s, outcome):
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m1", "keepalived")
    d.probes(0, 20)
    d.vip(6, "m2")
    d.vip(10, "m1", present=False)
    (finding,) = ask(d, DualMasterWithin(0, within_s))
    assert finding.outcome is outcome
    assert finding.message.startswith("one node alone had the VIP again after 4.000 s")
