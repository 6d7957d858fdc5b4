"""The VIP's owner dies, and no announcement of the next one gets through: clients find it as their entries age."""

import pytest

from harness.checks import BlackoutWithin, NoAcknowledgedWriteLost, RecoversWithin, VipMoves
from harness.contracts import Times
from harness.faults.network import ArpSuppress
from harness.faults.node import NodeCrash
from harness.select import Node, VipOwner
from harness.spec import Check, Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject, Step

MOST = 9  # load balancers


def _steps(t: Times) -> list[Step]:
    hushed: list[Step] = [Inject(ArpSuppress(Node(name))) for name in sorted(t.advertised)]
    moved = Await(Condition.VIP_MOVED, t.node_failover_s.max + 2)
    found = [*hushed, Inject(NodeCrash(VipOwner())), moved, Hold(t.unannounced_s)]
    return [*found, Heal(), Await(Condition.STEADY, t.return_s), Hold(t.aftermath_s)]


def _checks(t: Times) -> list[Check]:
    crash = len(t.advertised)
    return [
        VipMoves(crash, within_s=t.node_failover_s.max),
        BlackoutWithin(crash, within_s=t.node_failover_s.max),
        RecoversWithin(crash, within_s=t.return_s),
        NoAcknowledgedWriteLost(),
    ]


scenario = Scenario(__doc__, group="network", steps=_steps, checks=_checks, blast_radius=MOST)


@pytest.mark.catalogue
def test_unannounced_failover(trial: Play) -> None:
    trial(scenario)
