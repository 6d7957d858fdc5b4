"""The VIP owner stands still as a paused machine does, and comes back unaware: for a moment two nodes have the VIP."""

from harness.checks import Evicts, FailsBack, NoAcknowledgedWriteLost, Readmits, RecoversWithin, VipMoves
from harness.faults.node import NodeFreeze
from harness.select import VipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="node",
    steps=lambda t: [
        Inject(NodeFreeze(VipOwner())),
        Await(Condition.VIP_MOVED, t.node_failover_s.max + 2),
        Hold(t.eviction_dropped_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(t.unannounced_s),
    ],
    checks=lambda t: [
        VipMoves(0),
        FailsBack(0),
        *([Evicts(0)] if t.chain.checked and t.stacked else []),
        *([Readmits(0)] if t.chain.checked and t.stacked else []),
        RecoversWithin(0),
        NoAcknowledgedWriteLost(),
    ],
)


def test_freeze_vip_owner(trial: Play) -> None:
    trial(scenario)
