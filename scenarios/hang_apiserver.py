"""One apiserver hangs on a node without the VIP: it accepts and answers nothing, and who only connects misses it."""

import pytest

from harness.checks import Evicts, NoAcknowledgedWriteLost, Readmits, RecoversWithin, VipStays
from harness.faults.process import ProcessHang
from harness.select import NotVipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="process",
    steps=lambda t: [
        Inject(ProcessHang("kube-apiserver", NotVipOwner())),
        Hold(t.eviction_hung_s.max + 1),
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


@pytest.mark.catalogue
def test_hang_apiserver(trial: Play) -> None:
    trial(scenario)
