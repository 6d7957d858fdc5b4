import dataclasses

import pytest

from harness.chain.chain import Chain, master_down_s, skew_s
from harness.chain.rest import home
from tests.predict.made import priorities, profile


@pytest.mark.parametrize(("priority", "wait"), [(254, 3.008), (110, 3.570), (109, 3.574), (99, 3.613)])
def test_master_down_is_three_adverts_and_the_skew(priority, wait):
    assert master_down_s(priority, Chain(profile()).instance("m1")) == pytest.approx(wait, abs=0.0006)


def test_version_3_scales_the_skew_with_the_advert():
    instance = dataclasses.replace(Chain(profile()).instance("m1"), version=3, advert_int_s=0.1)
    assert skew_s(100, instance) == pytest.approx(0.0609, abs=1e-4)
    assert master_down_s(100, instance) == pytest.approx(0.361, abs=1e-3)


def test_a_weight_counts_for_a_check_that_passes_or_against_one_that_fails():
    assert Chain(profile()).priority("m1") == 112
    assert Chain(profile()).priority("m1", {"check_haproxy"}) == 110
    assert Chain(profile("kubeadm")).priority("m1") == 101
    assert Chain(profile("kubeadm")).priority("m1", {"check_apiserver"}) == 99


def test_weight_0_is_a_fault_and_255_never_changes():
    assert Chain(profile(keepalived={"weight 2": "weight 0"})).priority("m1", {"check_haproxy"}) is None
    assert Chain(profile(of_node=priorities(255, 109, 108))).priority("m1", {"check_haproxy"}) == 255


def test_home_is_the_strongest_and_among_equals_the_highest_address():
    assert home(Chain(profile())) == "m1"
    assert home(Chain(profile(of_node=priorities(100, 100, 100)))) == "m3"


def test_the_instance_that_carries_the_vip_counts():
    other = "vrrp_instance VI_0 {\n    priority 7\n    virtual_ipaddress {\n        198.18.0.99\n    }\n}\n"
    made = profile(keepalived={"^vrrp_instance VI_1": f"{other}vrrp_instance VI_1"})
    assert Chain(made).instance("m1").name == "VI_1"


def test_an_instance_may_give_a_check_a_weight_of_its_own():
    made = profile(keepalived={"^        check_haproxy": "        check_haproxy weight 7"})
    assert Chain(made).best("m1") == 117


def test_a_check_in_reverse_takes_away_while_it_passes():
    made = profile(keepalived={"weight 2": "weight 2 reverse"})
    assert [Chain(made).priority("m1", failing) for failing in ((), {"check_haproxy"})] == [108, 110]


def test_a_backup_of_version_3_learns_the_owners_interval():
    third = {"^    advert_int 1": "    version 3\n    advert_int 1"}
    made = profile(keepalived=third, of_node={"m1": {"advert_int 1": "advert_int 0.5"}})
    assert Chain(made).backup("m2", "m1").advert_int_s == 0.5
    assert Chain(profile()).backup("m2", "m1").advert_int_s == 1
