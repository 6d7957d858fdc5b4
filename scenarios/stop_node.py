"""The VIP's owner is shut down as for maintenance: keepalived hands the VIP over before the node goes."""

import pytest

from harness.checks import (
    BlackoutWithin,
    Evicts,
    FailsBack,
    NoAcknowledgedWriteLost,
    NoDualMaster,
    Readmits,
    RecoversWithin,
    VipMoves,
)
from harness.faults.node import NodeStop
from harness.select import VipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="node",
    steps=lambda t: [
        Inject(NodeStop(VipOwner())),
        Await(Condition.VIP_MOVED, t.node_failover_s.max + 2),
        Hold(t.eviction_dropped_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(t.aftermath_s),
    ],
    checks=lambda t: [
        VipMoves(0),
        BlackoutWithin(0),
        NoDualMaster(0),
        FailsBack(0),
        *([Evicts(0)] if t.chain.checked and t.stacked else []),
        *([Readmits(0)] if t.chain.checked and t.stacked else []),
        RecoversWithin(0),
        NoAcknowledgedWriteLost(),
    ],
)


@pytest.mark.catalogue
def test_stop_node(trial: Play) -> None:
    trial(scenario)
