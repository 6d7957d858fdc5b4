"""An apiserver beside the VIP dies and comes back again and again, before load balancers make up their minds."""

import pytest

from harness.checks import NoAcknowledgedWriteLost, RecoversWithin, VipStays
from harness.contracts import Times
from harness.faults.process import ProcessKill
from harness.select import NotVipOwner
from harness.spec import Check, Play, Scenario
from harness.steps import Await, Condition, Hold, Step, flapping

TIMES = 5


def _steps(t: Times) -> list[Step]:
    half_s = t.eviction_refused_s.max / 2  # of what an eviction takes
    found = flapping(ProcessKill("kube-apiserver", NotVipOwner()), TIMES, half_s, half_s)
    return [*found, Await(Condition.STEADY, t.readmission_s.max + 5), Hold(2)]


def _checks(t: Times) -> list[Check]:
    return [*(VipStays(number) for number in range(TIMES)), RecoversWithin(TIMES - 1), NoAcknowledgedWriteLost()]


scenario = Scenario(__doc__, group="process", steps=_steps, checks=_checks)


@pytest.mark.catalogue
def test_flapping_apiserver(trial: Play) -> None:
    trial(scenario)
