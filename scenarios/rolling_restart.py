"""keepalived is stopped and started on one node after another, as an upgrade does it: each move costs an election."""

import pytest

from harness.checks import BlackoutWithin, NoAcknowledgedWriteLost, NoDualMaster, RecoversWithin
from harness.contracts import Times
from harness.faults.process import ProcessStop
from harness.select import Node
from harness.spec import Check, Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject, Step


def _steps(t: Times) -> list[Step]:
    found: list[Step] = []
    for node in sorted(t.advertised):
        found += [Inject(ProcessStop("keepalived", Node(node))), Hold(2), Heal()]
        found += [Await(Condition.STEADY, t.return_s), Hold(2)]
    return found


def _checks(t: Times) -> list[Check]:
    asked: list[Check] = []
    for number in range(len(t.advertised)):
        asked += [BlackoutWithin(number), NoDualMaster(number), RecoversWithin(number)]
    return [*asked, NoAcknowledgedWriteLost()]


scenario = Scenario(__doc__, group="maintenance", steps=_steps, checks=_checks)


@pytest.mark.catalogue
def test_rolling_restart(trial: Play) -> None:
    trial(scenario)
