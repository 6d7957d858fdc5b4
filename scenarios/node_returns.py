"""A dead VIP owner is back as soon as its VIP has moved: with preemption it takes it again, a second interruption."""

from harness.checks import FailsBack, NoAcknowledgedWriteLost, RecoversWithin, VipMoves
from harness.faults.node import NodeCrash
from harness.select import VipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="node",
    steps=lambda t: [
        Inject(NodeCrash(VipOwner())),
        Await(Condition.VIP_MOVED, t.node_failover_s.max + 2),
        Hold(1),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(t.aftermath_s),
    ],
    checks=lambda t: [
        VipMoves(0),
        FailsBack(0),
        RecoversWithin(0),
        NoAcknowledgedWriteLost(),
    ],
)


def test_node_returns(trial: Play) -> None:
    trial(scenario)
