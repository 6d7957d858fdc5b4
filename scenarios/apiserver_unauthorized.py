"""Every apiserver answers 401 to who says nothing of itself, as health checks do: clients are to be served on."""

import pytest

from harness.checks import NoAcknowledgedWriteLost, NoRequestFails, VipStays
from harness.contracts import Times
from harness.faults.apiserver import HttpError
from harness.select import Node
from harness.spec import Check, Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject, Step

MOST = 9  # masters


def _steps(t: Times) -> list[Step]:
    found = [Inject(HttpError(Node(name), status=401, to="anonymous")) for name in t.chain.masters]
    noticed_s = max(t.eviction_hung_s.max, t.script_failover_s.max)
    return [*found, Hold(2 * noticed_s + 2), Heal(), Await(Condition.STEADY, t.return_s), Hold(2)]


def _checks(t: Times) -> list[Check]:
    last = len(t.chain.masters) - 1
    return [VipStays(last), NoRequestFails(last), NoAcknowledgedWriteLost()]


scenario = Scenario(__doc__, group="configuration", steps=_steps, checks=_checks, blast_radius=MOST)


@pytest.mark.catalogue
def test_apiserver_unauthorized(trial: Play) -> None:
    trial(scenario)
