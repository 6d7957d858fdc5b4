"""etcd's leader is parted from the other members, and from nobody else: they elect, and its apiserver is left alone."""

import pytest

from harness.checks import NoAcknowledgedWriteLost, NotEvicted, QuorumHeld, RecoversWithin
from harness.faults.network import Partition
from harness.select import EtcdLeader
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="network",
    steps=lambda t: [
        Inject(Partition(EtcdLeader(), "etcd")),
        Hold(t.eviction_hung_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(t.aftermath_s),
    ],
    checks=lambda t: [
        QuorumHeld(0),
        RecoversWithin(0, within_s=t.return_s),
        *([NotEvicted(0)] if t.chain.checked else []),
        NoAcknowledgedWriteLost(),
    ],
)


@pytest.mark.catalogue
def test_part_etcd_leader(trial: Play) -> None:
    trial(scenario)
