"""One apiserver answers everything with 500 beside the VIP: a check that only connects is content with that."""

import pytest

from harness.checks import Evicts, NoAcknowledgedWriteLost, NotEvicted, Readmits, RecoversWithin, VipStays
from harness.faults.apiserver import HttpError
from harness.select import NotVipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="process",
    steps=lambda t: [
        Inject(HttpError(NotVipOwner())),
        Hold(t.eviction_hung_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.readmission_s.max + 5),
        Hold(2),
    ],
    checks=lambda t: [
        VipStays(0),
        *([Evicts(0)] if t.chain.checked else []),
        *([Readmits(0)] if t.chain.checked else []),
        RecoversWithin(0),
        *([NotEvicted(0)] if t.chain.checked else []),
        NoAcknowledgedWriteLost(),
    ],
)


@pytest.mark.catalogue
def test_apiserver_errors(trial: Play) -> None:
    trial(scenario)
