"""An apiserver's certificate expires beside the VIP: a check that does not verify it goes on to find it well."""

import pytest

from harness.checks import Evicts, NoAcknowledgedWriteLost, NotEvicted, Readmits, RecoversWithin, VipStays
from harness.contracts import Times
from harness.faults.apiserver import CertExpire
from harness.select import NotVipOwner
from harness.spec import Check, Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject


def _checks(t: Times) -> list[Check]:
    found: list[Check] = [VipStays(0)]
    if t.chain.checked:
        found += [Evicts(0, t.eviction_refused_s.max), Readmits(0, t.readmission_s.max), NotEvicted(0)]
    return [*found, RecoversWithin(0, within_s=t.readmission_s.max), NoAcknowledgedWriteLost()]


scenario = Scenario(
    __doc__,
    group="configuration",
    steps=lambda t: [
        Inject(CertExpire(NotVipOwner())),
        Hold(t.eviction_refused_s.max + 2),
        Heal(),
        Await(Condition.STEADY, t.readmission_s.max + 5),
        Hold(2),
    ],
    checks=_checks,
)


@pytest.mark.catalogue
def test_cert_expires(trial: Play) -> None:
    trial(scenario)
