"""etcd is over its quota and takes no write any more: all is read as before, and no node is better than another."""

from harness.checks import (
    NoAcknowledgedWriteLost,
    NoRequestFails,
    NotEvicted,
    NoWriteAcknowledged,
    RecoversWithin,
    VipStays,
)
from harness.faults.etcd import EtcdSpace
from harness.select import Master
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="resource",
    steps=lambda t: [
        Inject(EtcdSpace(Master())),
        Hold(t.eviction_refused_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(3),
    ],
    checks=lambda t: [
        VipStays(0),
        *([NotEvicted(0)] if t.chain.checked else []),
        NoRequestFails(0),
        NoWriteAcknowledged(0),
        RecoversWithin(0, within_s=t.readmission_s.max),
        NoAcknowledgedWriteLost(),
    ],
)


def test_etcd_space(trial: Play) -> None:
    trial(scenario)
