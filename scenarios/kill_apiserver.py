"""One apiserver dies on a node that does not hold the VIP: every haproxy must evict it, the VIP must stay."""

from harness.checks import Evicts, NoAcknowledgedWriteLost, Readmits, RecoversWithin, VipStays
from harness.faults.process import ProcessKill
from harness.select import NotVipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="process",
    steps=lambda t: [
        Inject(ProcessKill("kube-apiserver", NotVipOwner())),
        Hold(t.eviction_refused_s.max + 1),
        Heal(),
        Await(Condition.STEADY, t.readmission_s.max + 5),
        Hold(2),
    ],
    checks=lambda t: [
        VipStays(0),
        *([Evicts(0)] if t.chain.checked else []),
        *([Readmits(0)] if t.chain.checked else []),
        RecoversWithin(0),
        NoAcknowledgedWriteLost(),
    ],
)


def test_kill_apiserver(trial: Play) -> None:
    trial(scenario)
