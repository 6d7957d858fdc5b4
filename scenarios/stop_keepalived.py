"""keepalived is stopped on the VIP's owner, as for an upgrade: it says so, and nobody has to wait out three adverts."""

import pytest

from harness.checks import BlackoutWithin, FailsBack, NoAcknowledgedWriteLost, NoDualMaster, RecoversWithin, VipMoves
from harness.faults.process import ProcessStop
from harness.select import VipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="process",
    steps=lambda t: [
        Inject(ProcessStop("keepalived", VipOwner())),
        Await(Condition.VIP_MOVED, t.node_failover_s.max + 2),
        Hold(2),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(2),
    ],
    checks=lambda t: [
        VipMoves(0),
        BlackoutWithin(0),
        NoDualMaster(0),
        FailsBack(0),
        RecoversWithin(0),
        NoAcknowledgedWriteLost(),
    ],
)


@pytest.mark.catalogue
def test_stop_keepalived(trial: Play) -> None:
    trial(scenario)
