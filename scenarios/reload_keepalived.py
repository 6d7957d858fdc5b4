"""keepalived is reloaded on the VIP's owner, and at once again: whoever has the VIP keeps it, and nobody notices."""

import pytest

from harness.checks import NoAcknowledgedWriteLost, NoDualMaster, NoRequestFails, VipStays
from harness.contracts import Times
from harness.faults.configuration import ConfigReload
from harness.select import VipOwner
from harness.spec import Check, Play, Scenario
from harness.steps import Heal, Hold, Inject, Step

HOLDS_S = (0.5, 6.0, 0.5, 6.0)  # twice in a row, and once more so


def _steps(t: Times) -> list[Step]:
    found: list[Step] = []
    for seconds in HOLDS_S:
        found += [Inject(ConfigReload("keepalived", VipOwner())), Hold(seconds), Heal()]
    return found


def _checks(t: Times) -> list[Check]:
    asked: list[Check] = []
    for number in range(len(HOLDS_S)):
        asked += [VipStays(number), NoDualMaster(number), NoRequestFails(number)]
    return [*asked, NoAcknowledgedWriteLost()]


scenario = Scenario(__doc__, group="maintenance", steps=_steps, checks=_checks)


@pytest.mark.catalogue
def test_reload_keepalived(trial: Play) -> None:
    trial(scenario)
