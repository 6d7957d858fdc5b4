"""One of etcd's members dies beside the VIP: two are a quorum still, and its apiserver can only answer with errors."""

import pytest

from harness.checks import Evicts, NoAcknowledgedWriteLost, NotEvicted, QuorumHeld, RecoversWithin, VipStays
from harness.faults.process import ProcessKill
from harness.select import NotVipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="process",
    steps=lambda t: [
        Inject(ProcessKill("etcd", NotVipOwner())),
        Hold(t.eviction_hung_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(t.aftermath_s),
    ],
    checks=lambda t: [
        VipStays(0),
        QuorumHeld(0),
        *([Evicts(0)] if t.chain.checked else []),
        RecoversWithin(0),
        *([NotEvicted(0)] if t.chain.checked else []),
        NoAcknowledgedWriteLost(),
    ],
)


@pytest.mark.catalogue
def test_kill_etcd(trial: Play) -> None:
    trial(scenario)
