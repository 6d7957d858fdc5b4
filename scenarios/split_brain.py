"""No advert passes between the VIP's owner and the others any more, all else does: a second node takes the VIP, too."""

import pytest

from harness.checks import BlackoutWithin, NoAcknowledgedWriteLost, NoDualMaster, RecoversWithin, VipMoves
from harness.faults.network import Partition
from harness.select import VipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="network",
    steps=lambda t: [
        Inject(Partition(VipOwner(), "vrrp")),
        Await(Condition.VIP_MOVED, t.node_failover_s.max + 2),
        Hold(5),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(t.unannounced_s),
    ],
    checks=lambda t: [
        VipMoves(0),
        BlackoutWithin(0),
        NoDualMaster(0),
        RecoversWithin(0),
        NoAcknowledgedWriteLost(),
    ],
)


@pytest.mark.catalogue
def test_split_brain(trial: Play) -> None:
    trial(scenario)
