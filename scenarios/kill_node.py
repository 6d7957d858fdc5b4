"""The VIP owner falls silent as if its power were cut: the backups wait out three adverts and their skew."""

from harness.checks import BlackoutWithin, Evicts, NoAcknowledgedWriteLost, Readmits, RecoversWithin, VipMoves
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
        Hold(t.eviction_dropped_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(t.aftermath_s),
    ],
    checks=lambda t: [
        VipMoves(0),
        BlackoutWithin(0),
        *([Evicts(0)] if t.chain.checked and t.stacked else []),
        *([Readmits(0)] if t.chain.checked and t.stacked else []),
        RecoversWithin(0),
        NoAcknowledgedWriteLost(),
    ],
)


def test_kill_node(trial: Play) -> None:
    trial(scenario)
