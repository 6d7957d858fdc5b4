"""Two of three nodes die, one after the other: the VIP survives, etcd's quorum does not, and both must come back."""

from harness import checks as c
from harness.faults.node import NodeCrash
from harness.select import VipOwner
from harness.spec import Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    steps=lambda t: [
        *(crash := [Inject(NodeCrash(VipOwner())), Await(Condition.VIP_MOVED, t.node_failover_s.max + 2)]),
        Hold(t.eviction_dropped_s.max + 2),
        *crash,
        Hold(t.eviction_dropped_s.max + 2 * t.write_refusal_s),
        Heal(),
        *(Await(Condition.STEADY, t.return_s), Hold(t.aftermath_s)),
    ],
    checks=lambda t: [
        *(check(fault) for fault in (0, 1) for check in (c.VipMoves, *([c.Evicts] if t.checked else []))),
        *(c.QuorumLost(), c.WritesRefusedWithoutQuorum()),
        *(c.RecoversWithin(1), c.NoAcknowledgedWriteLost()),
    ],
    blast_radius=2,
)


def test_kill_two_masters(trial) -> None:
    trial(scenario)
