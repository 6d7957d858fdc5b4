"""haproxy, or nginx, is reloaded with a mistake in its file on the VIP's owner: what ran before has to run on."""

import pytest

from harness.checks import NoAcknowledgedWriteLost, NoRequestFails, VipStays
from harness.faults.configuration import ConfigBreak
from harness.select import VipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="configuration",
    steps=lambda t: [
        Inject(ConfigBreak(t.chain.front, VipOwner())),
        Hold(max(t.script_failover_s.max, 5) + 5),
        Heal(),
        Await(Condition.STEADY, t.return_s),
        Hold(3),
    ],
    checks=lambda t: [
        VipStays(0),
        NoRequestFails(0),
        NoAcknowledgedWriteLost(),
    ],
)


@pytest.mark.catalogue
def test_reload_broken_haproxy(trial: Play) -> None:
    trial(scenario)
