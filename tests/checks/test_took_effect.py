from harness.checks import TookEffect
from harness.verdict import Outcome
from tests.checks.asked import ask
from tests.drawn import Drawn, crash_of_owner


def killed(took_s: float, **detail) -> str:
    d = Drawn()
    d.fault(3, "m1", took_s=took_s, process="haproxy", **detail)
    d.probes(0, 9)
    (finding,) = ask(d, TookEffect())
    assert finding.outcome is Outcome.PASSED
    return finding.message


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
    (finding,) = ask(d, TookEffect())
    assert "2 faults, none wider" in finding.message
