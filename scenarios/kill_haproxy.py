"""haproxy, or what else answers on the VIP, dies on its owner: keepalived's check must notice, and move the VIP."""

from harness.checks import BlackoutWithin, FailsBack, NoAcknowledgedWriteLost, RecoversWithin, VipMoves
from harness.faults.process import ProcessKill
from harness.select import VipOwner
from harness.spec import Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject

scenario = Scenario(
    __doc__,
    group="process",
    steps=lambda t: [
        Inject(ProcessKill(t.chain.front, VipOwner())),
        Await(Condition.VIP_MOVED, t.script_failover_s.max + 2),
        Hold(2),
        Heal(),
        Hold(t.failback_s.max + 2),
    ],
    checks=lambda t: [
        VipMoves(0, rivals=t.advertised),
        BlackoutWithin(0),
        FailsBack(0),
        RecoversWithin(0),
        NoAcknowledgedWriteLost(),
    ],
)


def test_kill_haproxy(trial: Play) -> None:
    trial(scenario)
