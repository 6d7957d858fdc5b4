import pytest

from harness.checks import TookEffect
from harness.events import FaultEdge, StepTaken
from harness.verdict import Finding, Outcome
from tests.checks.asked import ask
from tests.drawn import Drawn, crash_of_owner


def asked(took_s: float, faults: int = 1, **detail) -> Finding:
    d = Drawn()
    d.fault(3, "m1", took_s=took_s, process="haproxy", **detail)
    d.probes(0, 9)
    return ask(d, TookEffect(faults))[0]


def killed(took_s: float, **detail) -> str:
    finding = asked(took_s, **detail)
    assert finding.outcome is Outcome.PASSED
    return finding.message


def test_one_that_is_wider_than_any_figure_may_be_late_by_was_another_fault():
    slow = asked(3.0)
    assert (slow.outcome, slow.doubted) == (Outcome.INCONCLUSIVE, False)
    assert slow.message == "ProcessKill on m1 took 3000.0 ms: that is another fault than the one meant"
    starved = asked(3.0, stalled_ms=2900.0)
    assert (starved.outcome, starved.doubted) == (Outcome.INCONCLUSIVE, True)


def test_a_trial_in_which_not_everything_was_broken_is_inconclusive():
    missing = asked(0.004, faults=2)
    assert (missing.outcome, missing.message) == (Outcome.INCONCLUSIVE, "1 of 2 faults were injected")
    d = Drawn()
    d.probes(0, 9)
    assert ask(d, TookEffect(1))[0].message == "0 of 1 faults were injected"
    d.event(4, "harness", StepTaken(name="broke off", detail="no node fits VipOwner as things stand"), "runner")
    said = "0 of 1 faults were injected: no node fits VipOwner as things stand"
    assert ask(d, TookEffect(1))[0].message == said


@pytest.mark.parametrize("action", ["inject", "heal"])
def test_a_deed_whose_end_nobody_saw_is_not_proven(action):
    d = Drawn()
    d.kill(3, "m1", "haproxy")
    d.heal(6, "m1")
    d.probes(0, 9)
    assert [f.outcome for f in ask(d, TookEffect(1))] == [Outcome.PASSED]
    unseen = list(d.history().of(FaultEdge, action=action, edge="end"))
    d.events = [e for e in d.events if e not in unseen]
    (finding,) = ask(d, TookEffect(1))
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert finding.message == "nothing shows that ProcessKill on m1 took effect, or was healed"


def test_a_fault_that_took_effect_at_once_is_told_as_such():
    assert killed(0.004) == "1 fault, none wider than 5 ms (a node's: 20 ms)"


def test_one_that_took_longer_is_told_with_why():
    beginning = "ProcessKill on m1 took 94.0 ms"
    assert killed(0.094) == f"{beginning}; its figures' bounds hold that"
    waited = f"{beginning}, during 80.0 ms of which somebody waited for a processor"
    assert killed(0.094, stalled_ms=80.0).startswith(waited)


def test_a_node_may_take_20_ms():
    d = crash_of_owner()
    d.fault(12, "m3", 1, took_s=0.018, interface="eth0", up=False)
    (finding,) = ask(d, TookEffect(2))
    assert "2 faults, none wider" in finding.message
