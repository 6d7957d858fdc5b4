import pytest

from harness.chain.failure import Kind
from harness.predict.unannounced import ASKED_ANEW_S
from tests.predict.made import interval, predicted, profile

AFTER = "healing_blackout_s"


def announced(every_s: int):
    return profile(keepalived={"advert_int 1": f"advert_int 1\n    garp_master_refresh {every_s}"})


def test_nobody_announces_the_vip_of_one_that_never_lost_it():
    found = predicted(profile(), Kind.NODE_FREEZE)
    for name in (AFTER, "blackout_s", "connect_blackout_s", "recovery_s"):
        assert interval(found, name)[1] == pytest.approx(ASKED_ANEW_S)
    assert interval(found, "blackout_s")[0] == pytest.approx(2.566, abs=0.001)
    assert "watch_stall_s" not in found.measures  # healing ends a stall too, whenever that comes
    assert "lives on where its node is back" in found.measures["client_watch_s"].why
    # What a lab's clients took, in two trials.
    assert 48.3 < 56.9 < interval(found, AFTER)[1]


def test_a_refresh_that_is_shorter_announces_it():
    assert interval(predicted(announced(10), Kind.NODE_FREEZE), AFTER) == (0, 11)
    assert predicted(announced(10), Kind.NODE_FREEZE).measures[AFTER].settings[0].text == "garp_master_refresh 10"
    assert interval(predicted(announced(60), Kind.NODE_FREEZE), AFTER) == (0, ASKED_ANEW_S)


def test_a_mac_that_moves_with_the_vip_needs_no_announcement():
    moved = predicted(profile(keepalived={"advert_int 1": "advert_int 1\n    use_vmac"}), Kind.NODE_FREEZE)
    assert moved.measures[AFTER].why.startswith("after healing, until an advert tells the switch")
    assert interval(moved, AFTER)[1] == pytest.approx(2.8)  # etcd's, not the neighbour's
    base = {"advert_int 1": "advert_int 1\n    use_vmac\n    vmac_xmit_base"}
    assert interval(predicted(profile(keepalived=base), Kind.NODE_FREEZE), AFTER)[1] == pytest.approx(ASKED_ANEW_S)


def test_where_the_vip_never_left_nobody_looks_for_it():
    assert interval(predicted(profile(), Kind.NODE_FREEZE, node="m2"), AFTER) == pytest.approx((0, 2.8))
    assert interval(predicted(profile(), Kind.NODE_CRASH), AFTER) == pytest.approx((0, 2.8))
