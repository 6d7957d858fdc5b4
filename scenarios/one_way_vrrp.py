"""The VIP's owner hears the others' adverts, and they no longer hear its own: two nodes take turns at saying theirs."""

import pytest

from harness.checks import BlackoutWithin, NoAcknowledgedWriteLost, NoDualMaster, RecoversWithin
from harness.faults.network import Partition
from harness.select import VipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="network",
    steps=lambda t: [
        Inject(Partition(VipOwner(), "vrrp", way="out")),
        Await(Condition.VIP_MOVED, t.node_failover_s.max + 2),
        Hold(10),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(t.unannounced_s),
    ],
    checks=lambda t: [
        BlackoutWithin(0, within_s=t.node_failover_s.max),
        NoDualMaster(0),
        RecoversWithin(0, within_s=t.unannounced_s),
        NoAcknowledgedWriteLost(),
    ],
)


@pytest.mark.catalogue
def test_one_way_vrrp(trial: Play) -> None:
    trial(scenario)
