"""The leader of etcd dies: nothing is written until another leads, and who reads waits as well."""

import pytest

from harness.checks import BlackoutWithin, NoAcknowledgedWriteLost, NotEvicted, QuorumHeld, RecoversWithin
from harness.faults.process import ProcessKill
from harness.select import EtcdLeader
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="process",
    steps=lambda t: [
        Inject(ProcessKill("etcd", EtcdLeader())),
        Hold(t.eviction_hung_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(t.aftermath_s),
    ],
    checks=lambda t: [
        QuorumHeld(0),
        BlackoutWithin(0),
        RecoversWithin(0),
        *([NotEvicted(0)] if t.chain.checked else []),
        NoAcknowledgedWriteLost(),
    ],
)


@pytest.mark.catalogue
def test_kill_etcd_leader(trial: Play) -> None:
    trial(scenario)
