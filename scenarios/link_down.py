"""The VIP's owner loses its link and knows it: keepalived lets go of the VIP at once, and can tell nobody."""

from harness.checks import BlackoutWithin, NoAcknowledgedWriteLost, NoDualMaster, RecoversWithin, VipMoves
from harness.faults.network import LinkDown
from harness.select import VipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

SENT_AGAIN_S = 1.0  # a SYN, by Linux

scenario = Scenario(
    __doc__,
    group="network",
    steps=lambda t: [
        Inject(LinkDown(VipOwner())),
        Await(Condition.VIP_MOVED, t.node_failover_s.max + 2),
        Hold(t.eviction_dropped_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(t.aftermath_s),
    ],
    checks=lambda t: [
        VipMoves(0, within_s=t.node_failover_s.max),
        BlackoutWithin(0, within_s=t.node_failover_s.max + SENT_AGAIN_S),
        NoDualMaster(0),
        RecoversWithin(0, within_s=t.return_s),
        NoAcknowledgedWriteLost(),
    ],
)


def test_link_down(trial: Play) -> None:
    trial(scenario)
