import dataclasses

import pytest

from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.predict.failback import STARTED_S
from harness.predict.predict import predict
from tests.predict.made import interval, predicted, priorities, profile

BACK = "failback_s"


def near(*seconds):
    return pytest.approx(seconds, abs=0.005)


def test_a_daemon_that_runs_again_passes_its_check_first():
    # rise 1: 0–3 s, then (MDI − 1, MDI] of 112: 3.5625
    assert interval(predicted(profile(), Kind.PROXY_DEAD), BACK) == near(2.5625, 6.5625 + STARTED_S)
    # rise 2: 3–6 s, MDI of 101: 3.605
    assert interval(predicted(profile("kubeadm"), Kind.PROXY_DEAD), BACK) == near(5.605, 9.605 + STARTED_S)


def test_out_of_fault_the_whole_wait_begins():
    made = profile(keepalived={"weight 2": "weight 0"})
    assert interval(predicted(made, Kind.PROXY_DEAD), BACK) == near(3.570, 6.570 + STARTED_S)


def test_a_node_that_returns_waits_and_may_need_its_check():
    assert interval(predicted(profile(), Kind.NODE_CRASH), BACK) == near(3.5625, 6.5625 + STARTED_S)
    assert interval(predicted(profile("kubeadm"), Kind.NODE_CRASH), BACK) == near(3.605, 9.605 + STARTED_S)


def test_a_node_that_returns_waits_for_nothing_before_its_startup_delay():
    made = profile(keepalived={r"^global_defs \{": "global_defs {\n    vrrp_startup_delay 10.5"})
    found = predicted(made, Kind.NODE_CRASH)
    assert interval(found, BACK) == near(3.5625 + 10.5, 6.5625 + 10.5 + STARTED_S)
    assert "vrrp_startup_delay 10.5" in [one.text for one in found.measures[BACK].settings]
    assert interval(predicted(made, Kind.PROXY_DEAD), BACK) == near(2.5625, 6.5625 + STARTED_S)


def test_init_fail_changes_nothing_as_keepalived_forgets_it():
    made = profile("kubeadm", keepalived={"rise 2": "rise 2\n    init_fail"})
    assert interval(predicted(made, Kind.NODE_CRASH), BACK) == near(3.605, 9.605 + STARTED_S)


def test_nopreempt_and_an_equal_stay_away():
    lazy = {"state MASTER": "state BACKUP\n    nopreempt"}
    found = predicted(profile(of_node={"m1": lazy}), Kind.NODE_CRASH).measures[BACK]
    assert (found.bounds, found.why) == (None, "nopreempt: m1 leaves the VIP where it is")
    equal = profile(of_node=priorities(108, 108, 108))
    assert predicted(equal, Kind.NODE_CRASH).measures[BACK].why == "m3 has 110, not more than m2's 110"


def test_who_has_stood_still_takes_it_back_at_once_whatever_preemption_says():
    for changed in ({}, {"state MASTER": "state BACKUP\n    nopreempt"}):
        found = predicted(profile(of_node={"m1": changed}), Kind.NODE_FREEZE)
        assert interval(found, BACK) == (0, 0)
        assert found.measures[BACK].why == "m1 has kept it, and its first advert has m2 give way"


def test_who_has_stood_still_gives_way_to_a_stronger_one_and_among_equals_to_the_higher_address():
    chain = Chain(profile())
    frozen, before = Failure(Kind.NODE_FREEZE, "m2"), Standing("m2", ("m2", "m3"))
    assert predict(chain, frozen, before, Standing("m3", ("m3",))).measures[BACK].bounds is not None
    found = predict(chain, frozen, before, Standing("m1", ("m1", "m3")))
    assert (found.measures[BACK].bounds, found.measures[BACK].why) == (
        None,
        "m2 has 111, m1 112: it gives way to the first advert that it hears",
    )
    assert interval(found, "healing_blackout_s")[1] == 8  # a quorum; m1 was known to have the VIP
    equals = Chain(profile(of_node=priorities(108, 108, 108)))
    assert predict(equals, frozen, before, Standing("m3", ("m3",))).measures[BACK].bounds is None
    assert predict(equals, frozen, before, Standing("m1", ("m1",))).measures[BACK].bounds is not None


def test_preempt_delay_delays_it():
    late = {"m1": {"state MASTER": "state BACKUP\n    preempt_delay 5"}}
    assert interval(predicted(profile(of_node=late), Kind.PROXY_DEAD), BACK) == near(7.5625, 12.5625 + STARTED_S)


def test_who_holds_the_vip_when_healing_begins_decides():
    chain = Chain(profile())
    crash, before = Failure(Kind.NODE_CRASH, "m2"), Standing("m2", ("m2", "m3"))
    assert predict(chain, crash, before, Standing("m3", ("m3",))).measures[BACK].bounds is not None
    # m1 came back first and took it: nothing is owed to m2.
    assert predict(chain, crash, before, Standing("m1", ("m1", "m3"))).measures[BACK].bounds is None


def test_without_a_quorum_a_check_that_asks_may_fail_everywhere():
    chain = Chain(profile("kubeadm"))
    crash, before = Failure(Kind.NODE_CRASH, "m3"), Standing("m3", ("m2", "m3"))
    assert BACK not in predict(chain, crash, before, Standing("m2", ("m2",))).measures  # 100 against 100, or 98
    found = predict(chain, Failure(Kind.NODE_CRASH, "m1"), Standing("m1", ("m1", "m2")))
    assert interval(found, BACK) == near(3.605, 8 + 6 + 3.605)  # etcd is back within 8 s of power on


def test_what_never_left_does_not_return():
    assert BACK not in predicted(profile("article-priority-99"), Kind.PROXY_DEAD).measures
    assert BACK not in predicted(profile(), Kind.APISERVER_DEAD).measures


def test_out_of_fault_preempt_delay_counts_as_well():
    late = {"m1": {"state MASTER": "state BACKUP\n    preempt_delay 5"}}
    fault = profile(keepalived={r"weight \d+": "weight 0"}, of_node=late)
    # Measured for 13 s on a drawn configuration that was predicted to take 11.5 at most.
    assert interval(predicted(fault, Kind.PROXY_DEAD), BACK) == near(
        7.5703, 12.5703 + STARTED_S
    )  # priority 110: a longer skew than 112's


def test_an_apiserver_that_boots_is_back_by_as_much_later():
    slow = profile("kubeadm")
    slow = dataclasses.replace(slow, facts=slow.facts.model_copy(update={"apiserver_boot_s": 6.0}))
    usual, later = (predicted(of, Kind.APISERVER_DEAD, node="m2").evictions for of in (profile("kubeadm"), slow))
    for where, row in usual.items():
        before, after = row["readmission_s"].bounds, later[where]["readmission_s"].bounds
        assert before and after and (after.min, after.max) == (before.min + 6, before.max + 6)
    frozen, stands = (
        predicted(of, Kind.NODE_FREEZE, node="m2").measures["recovery_s"] for of in (profile("kubeadm"), slow)
    )
    assert frozen == stands  # who stood still does not start anew
