"""The VIP's owner no longer reaches one apiserver, and all others do: its load balancer alone has to take it out."""

import pytest

from harness.checks import Evicts, NoAcknowledgedWriteLost, NotEvicted, Readmits, RecoversWithin, VipStays
from harness.contracts import Times
from harness.faults.network import Partition
from harness.select import VipOwner
from harness.spec import Check, Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject


def _checks(t: Times) -> list[Check]:
    found: list[Check] = [VipStays(0)]
    found += [Evicts(0, t.eviction_dropped_s.max), Readmits(0, t.readmission_s.max)] if t.chain.checked else []
    found += [NotEvicted(0)] if t.chain.checked else []
    return [*found, RecoversWithin(0, within_s=t.readmission_s.max), NoAcknowledgedWriteLost()]


scenario = Scenario(
    __doc__,
    group="network",
    steps=lambda t: [
        Inject(Partition(VipOwner(), "apiserver", "out", others=(t.chain.masters[-1],))),
        Hold(t.eviction_dropped_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.readmission_s.max + 5),
        Hold(2),
    ],
    checks=_checks,
)


@pytest.mark.catalogue
def test_backend_out_of_reach(trial: Play) -> None:
    trial(scenario)
