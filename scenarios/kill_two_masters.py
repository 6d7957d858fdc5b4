"""Two of three nodes die, one after the other: the VIP survives, etcd's quorum does not, and both must come back."""

from harness.checks import (
    NoAcknowledgedWriteLost,
    QuorumLost,
    RecoversWithin,
    VipMoves,
    WritesRefusedWithoutQuorum,
)

from harness.faults.node import NodeCrash
from harness.model.timers import Timers
from harness.select import VipOwner
from harness.spec import Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject


def steps(t: Timers) -> list[object]:
    return [
        Inject(NodeCrash(VipOwner())),
        Await(Condition.VIP_MOVED, t.node_failover_s.max + 2),
        Hold(t.eviction_dropped_s.max),
        Inject(NodeCrash(VipOwner())),
        Await(Condition.VIP_MOVED, t.node_failover_s.max + 2),
        Hold(t.eviction_dropped_s.max),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(3),
    ]


def checks(t: Timers) -> list[object]:
    return [
        VipMoves(0, within_s=t.node_failover_s.max),
        VipMoves(1, within_s=t.node_failover_s.max),
        QuorumLost(),
        WritesRefusedWithoutQuorum(within_s=t.write_refusal_s),
        RecoversWithin(1, within_s=t.return_s),
        NoAcknowledgedWriteLost(),
    ]


scenario = Scenario(__doc__, steps, checks, blast_radius=2)


def test_kill_two_masters(trial) -> None:
    trial(scenario)
