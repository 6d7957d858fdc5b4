"""haproxy, or what else answers on the VIP, hangs on its owner: connections are accepted, and only who asks notices."""

import pytest

from harness.checks import BlackoutWithin, FailsBack, NoAcknowledgedWriteLost, RecoversWithin, VipMoves
from harness.faults.process import ProcessHang
from harness.select import VipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="process",
    steps=lambda t: [
        Inject(ProcessHang(t.chain.front, VipOwner())),
        Await(Condition.VIP_MOVED, t.hang_failover_s.max + 2),
        Hold(2),
        Heal(),
        Hold(t.failback_s.max + 2),
    ],
    checks=lambda t: [
        VipMoves(0, rivals=t.advertised),
        BlackoutWithin(0),
        FailsBack(0),
        RecoversWithin(0),
        NoAcknowledgedWriteLost(),
    ],
)


@pytest.mark.catalogue
def test_hang_haproxy(trial: Play) -> None:
    trial(scenario)
