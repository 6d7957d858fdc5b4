"""Every apiserver dies, one after the other: no node is better than another then, and the VIP must not wander."""

import pytest

from harness.checks import NoAcknowledgedWriteLost, RecoversWithin, VipStays
from harness.contracts import Times
from harness.faults.process import ProcessKill
from harness.select import Node
from harness.spec import Check, Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject, Step

MOST = 9  # masters


def _steps(t: Times) -> list[Step]:
    deaths = [Inject(ProcessKill("kube-apiserver", Node(name))) for name in t.chain.masters]
    noticed_s = max(t.eviction_refused_s.max, t.script_failover_s.max)
    return [*deaths, Hold(3 * noticed_s), Heal(), Await(Condition.STEADY, t.return_s), Hold(t.aftermath_s)]


def _checks(t: Times) -> list[Check]:
    last = len(t.chain.masters) - 1
    return [VipStays(last), RecoversWithin(last), NoAcknowledgedWriteLost()]


scenario = Scenario(__doc__, group="process", steps=_steps, checks=_checks, blast_radius=MOST)


@pytest.mark.catalogue
def test_all_apiservers_down(trial: Play) -> None:
    trial(scenario)
