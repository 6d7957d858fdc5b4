"""Nothing reaches the VIP's owner any more, and nothing leaves it, and all of it runs on: it keeps the VIP, alone."""

import pytest

from harness.checks import NoAcknowledgedWriteLost, QuorumHeld, RecoversWithin, VipMoves
from harness.contracts import Times
from harness.faults.network import Partition
from harness.select import VipOwner
from harness.spec import Check, Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject


def _checks(t: Times) -> list[Check]:
    # Who is cut off is as dead to all others as one whose power is cut, and once healed has never lost the VIP.
    found: list[Check] = [VipMoves(0, within_s=t.node_failover_s.max)]
    found += [QuorumHeld(0)] if t.stacked and len(t.chain.masters) > 2 else []
    return [*found, RecoversWithin(0, within_s=t.unannounced_s), NoAcknowledgedWriteLost()]


scenario = Scenario(
    __doc__,
    group="network",
    steps=lambda t: [
        Inject(Partition(VipOwner())),
        Await(Condition.VIP_MOVED, t.node_failover_s.max + 2),
        Hold(t.eviction_dropped_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(max(t.aftermath_s, t.unannounced_s)),
    ],
    checks=_checks,
)


@pytest.mark.catalogue
def test_isolate_vip_owner(trial: Play) -> None:
    trial(scenario)
