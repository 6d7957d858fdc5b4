from harness.checks import VipMoves
from harness.verdict import Outcome
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn, crash_of_owner


def test_in_time_and_too_late():
    assert outcomes(crash_of_owner(), VipMoves(0, within_s=3.0)) == [Outcome.PASSED]
    assert outcomes(crash_of_owner(), VipMoves(0, within_s=2.9995)) == [Outcome.FAILED]


def test_a_vip_that_never_moved_is_told_with_the_priorities_that_kept_it():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m1", "haproxy")
    d.event(5, "m1", "wire.advert", "wire", source="198.18.0.11", vrid=60, priority=110, outgoing=True)
    d.heal(13, "m1")
    d.probes(0, 20)
    (finding,) = ask(d, VipMoves(0, within_s=6, rivals={"m1": 112, "m2": 101, "m3": 100}))
    assert finding.outcome is Outcome.FAILED
    assert finding.message == (
        "the VIP never moved: m1 failed and kept it for ≥ 9.999 s, until it was healed; "
        "it still advertised priority 110, and the best of the others, m2, has 101"
    )


def test_a_fault_beside_the_vip_is_inconclusive():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m2", "haproxy")
    d.probes(0, 9)
    assert outcomes(d, VipMoves(0, within_s=6)) == [Outcome.INCONCLUSIVE]
