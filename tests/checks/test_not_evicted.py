from harness.checks import NotEvicted
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import BACKENDS, Drawn, crash_of_owner


def drawn() -> Drawn:
    """m2's apiserver dies at 3 s, and m1, which has the VIP, takes it out at 7 s."""
    d = Drawn()
    d.vip(-1, "m1")
    for server in BACKENDS:
        d.server(-1, "m1", server, "UP", initial=True)
    d.kill(3, "m2", "kube-apiserver")
    d.server(7, "m1", "master1", "DOWN")
    d.probes(0, 12)
    d.heal(10, "m2")
    return d


def test_the_backend_that_is_hit_goes_and_all_others_stay():
    (finding,) = ask(drawn(), NotEvicted(0))
    assert (finding.outcome, finding.message) == (
        Outcome.PASSED,
        "no backend was taken out of the 2 that it leaves alone",
    )


def test_one_that_nothing_ails_is_named_with_when_and_why():
    d = drawn()
    d.server(5.5, "m1", "master2", "DOWN")
    (finding,) = ask(d, NotEvicted(0))
    assert finding.outcome is Outcome.FAILED
    assert finding.message.startswith("m1's haproxy took out master2 (")
    assert finding.message.endswith("), which nothing ailed, 2.50 s after the fault")


def test_what_went_before_or_goes_with_healing_is_not_asked():
    d = drawn()
    d.server(2, "m1", "master2", "DOWN")
    d.server(11, "m1", "master", "DOWN")
    assert outcomes(d, NotEvicted(0)) == [Outcome.PASSED]


def test_a_node_that_is_off_tells_nothing():
    assert outcomes(crash_of_owner(), NotEvicted(0)) == [Outcome.PASSED]


def test_without_a_haproxy_nothing_is_known():
    d = Drawn()
    d.kill(3, "m2", "kube-apiserver")
    d.probes(0, 9)
    assert outcomes(d, NotEvicted(0)) == [Outcome.INCONCLUSIVE]
