"""A dead VIP owner comes back: with preemption it takes its VIP again, a second interruption."""

from harness.checks import FailsBack, NoAcknowledgedWriteLost, Readmits, RecoversWithin, VipMoves
from harness.faults.node import NodeCrash
from harness.select import VipOwner
from harness.spec import Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    steps=lambda t: [
        Inject(NodeCrash(VipOwner())),
        Await(Condition.VIP_MOVED, t.node_failover_s.max + 2),
        Hold(t.eviction_dropped_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(t.aftermath_s),
    ],
    checks=lambda t: [
        VipMoves(0),
        FailsBack(0),
        *([Readmits(0)] if t.checked else []),
        RecoversWithin(0),
        NoAcknowledgedWriteLost(),
    ],
)


def test_node_returns(trial) -> None:
    trial(scenario)
