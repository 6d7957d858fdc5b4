import pytest

from harness.checks import VipMoves
from harness.events import ArpProbe, Link
from harness.verdict import Outcome, Shown, Symptom
from tests.checks.asked import ask, outcomes
from tests.drawn import Drawn, crash_of_owner


def test_in_time_and_too_late():
    assert outcomes(crash_of_owner(), VipMoves(0, within_s=3.0)) == [Outcome.PASSED]
    assert outcomes(crash_of_owner(), VipMoves(0, within_s=2.9995)) == [Outcome.FAILED]


def test_a_vip_that_never_moved_is_told_with_the_priorities_that_kept_it():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m1", "haproxy")
    d.advert(5, "m1", 110, "198.18.0.11")
    d.heal(13, "m1")
    d.probes(0, 20)
    (finding,) = ask(d, VipMoves(0, within_s=6, rivals={"m1": 112, "m2": 101, "m3": 100}))
    assert finding.outcome is Outcome.FAILED
    assert finding.message == (
        "the VIP never moved: m1 failed and kept it for ≥ 9.999 s, until it was healed; "
        "it still advertised priority 110, and the best of the others, m2, has 101"
    )


@pytest.mark.parametrize(
    ("before", "after", "symptom"),
    [(112, 110, Symptom.VIP_OUTBID), (110, 110, Symptom.VIP_UNNOTICED), (None, 110, None), (110, None, None)],
)
def test_why_it_kept_the_vip_is_read_off_its_own_adverts(before, after, symptom):
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m1", "haproxy")
    for t_s, priority in ((2, before), (5, after)):
        if priority is not None:
            d.advert(t_s, "m1", priority, "x")
    d.heal(13, "m1")
    d.probes(0, 20)
    (finding,) = ask(d, VipMoves(0, within_s=6))
    assert finding.shows == (Shown(symptom, "m1", "haproxy") if symptom else None)


def stays(asked_until_s: float, answers: str = "aa"):
    """m1 keeps the VIP for ten seconds after its haproxy died, and a client asks who has it."""
    d = Drawn()
    d.vip(-5, "m1")
    for node, mac in (("m1", "aa"), ("m2", "bb")):
        d.event(0, node, Link(interface="eth0", mac=mac), "wire")
    d.kill(3, "m1", "haproxy")
    d.heal(13, "m1")
    d.probes(0, 20)
    for number in range(round(asked_until_s / 0.005)):
        mac = answers if number == 1000 else "aa"
        d.event(number * 0.005, "client", ArpProbe(due_ns=0, answers=[(1, mac)]), "arp")
    (finding,) = ask(d, VipMoves(0, within_s=6))
    assert finding.outcome is Outcome.FAILED
    return finding


def test_a_vip_that_never_moved_is_certain_only_where_both_witnesses_watched():
    assert stays(asked_until_s=20).certain
    assert not stays(asked_until_s=9).certain
    assert not stays(asked_until_s=20, answers="bb").certain


def test_a_fault_beside_the_vip_is_inconclusive():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m2", "haproxy")
    d.probes(0, 9)
    assert outcomes(d, VipMoves(0, within_s=6)) == [Outcome.INCONCLUSIVE]
