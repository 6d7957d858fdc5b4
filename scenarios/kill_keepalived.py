"""keepalived dies on the VIP's owner, and the address stays behind: another takes it too, and two nodes have it."""

import pytest

from harness.checks import BlackoutWithin, NoAcknowledgedWriteLost, NoDualMaster, RecoversWithin, VipMoves
from harness.faults.process import ProcessKill
from harness.select import VipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="process",
    steps=lambda t: [
        Inject(ProcessKill("keepalived", VipOwner())),
        Await(Condition.VIP_MOVED, t.node_failover_s.max + 2),
        Hold(5),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(2),
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
def test_kill_keepalived(trial: Play) -> None:
    trial(scenario)
