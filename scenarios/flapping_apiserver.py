"""An apiserver beside the VIP dies and comes back again and again, before load balancers make up their minds."""

import pytest

from harness.checks import NoAcknowledgedWriteLost, RecoversWithin, VipStays
from harness.contracts import Times
from harness.faults.process import ProcessKill
from harness.select import NotVipOwner
from harness.spec import Check, Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject, Step

TIMES = 5


def _steps(t: Times) -> list[Step]:
    found: list[Step] = []
    for _ in range(TIMES):  # dead for half of what an eviction takes, alive for as long
        found += [Inject(ProcessKill("kube-apiserver", NotVipOwner())), Hold(t.eviction_refused_s.max / 2)]
        found += [Heal(), Hold(t.eviction_refused_s.max / 2)]
    return [*found, Await(Condition.STEADY, t.readmission_s.max + 5), Hold(2)]


def _checks(t: Times) -> list[Check]:
    return [*(VipStays(number) for number in range(TIMES)), RecoversWithin(TIMES - 1), NoAcknowledgedWriteLost()]


scenario = Scenario(__doc__, group="process", steps=_steps, checks=_checks)


@pytest.mark.catalogue
def test_flapping_apiserver(trial: Play) -> None:
    trial(scenario)
