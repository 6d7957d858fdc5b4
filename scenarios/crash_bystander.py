"""A node without the VIP falls silent: two clients of three see nothing, the third may believe in it for very long."""

from harness.checks import (
    BlackoutWithin,
    Evicts,
    NoAcknowledgedWriteLost,
    Readmits,
    RecoversWithin,
    VipStays,
    WatchStallWithin,
)
from harness.faults.node import NodeCrash
from harness.select import NotVipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="node",
    steps=lambda t: [
        Inject(NodeCrash(NotVipOwner())),
        Hold(max(t.eviction_dropped_s.max, t.bystander_s) + 2),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(t.aftermath_s),
    ],
    checks=lambda t: [
        VipStays(0),
        BlackoutWithin(0),
        WatchStallWithin(0),
        *([Evicts(0)] if t.chain.checked and t.stacked else []),
        *([Readmits(0)] if t.chain.checked and t.stacked else []),
        RecoversWithin(0),
        NoAcknowledgedWriteLost(),
    ],
)


def test_crash_bystander(trial: Play) -> None:
    trial(scenario)
