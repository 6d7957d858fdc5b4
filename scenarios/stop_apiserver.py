"""An apiserver beside the VIP is stopped as for an upgrade: it says so on /readyz, and serves on for its grace."""

import pytest

from harness.checks import NoAcknowledgedWriteLost, NoRequestFails, RecoversWithin, VipStays
from harness.faults.process import ProcessStop
from harness.select import NotVipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="maintenance",
    steps=lambda t: [
        Inject(ProcessStop("kube-apiserver", NotVipOwner())),
        Hold(t.eviction_refused_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.readmission_s.max + 5),
        Hold(2),
    ],
    checks=lambda t: [
        VipStays(0),
        NoRequestFails(0),
        RecoversWithin(0, within_s=t.readmission_s.max),
        NoAcknowledgedWriteLost(),
    ],
)


@pytest.mark.catalogue
def test_stop_apiserver(trial: Play) -> None:
    trial(scenario)
