"""haproxy, or nginx, is reloaded under load on the VIP's owner, five times: no client is to notice."""

import pytest

from harness.checks import NoAcknowledgedWriteLost, NoRequestFails, VipStays
from harness.contracts import Times
from harness.faults.configuration import ConfigReload
from harness.select import VipOwner
from harness.spec import Check, Play, Scenario
from harness.steps import Heal, Hold, Inject, Step

TIMES, APART_S = 5, 4.0


def _steps(t: Times) -> list[Step]:
    found: list[Step] = []
    for _ in range(TIMES):
        found += [Inject(ConfigReload(t.chain.front, VipOwner())), Hold(APART_S), Heal()]
    return found


def _checks(t: Times) -> list[Check]:
    asked: list[Check] = []
    for number in range(TIMES):
        asked += [VipStays(number), NoRequestFails(number)]
    return [*asked, NoAcknowledgedWriteLost()]


scenario = Scenario(__doc__, group="maintenance", steps=_steps, checks=_checks)


@pytest.mark.catalogue
def test_reload_haproxy(trial: Play) -> None:
    trial(scenario)
