"""For how long nobody is served because the haproxy that clients reach believes in a dead server."""

from math import isinf

import pytest

from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.clock import Bounds
from harness.predict import behind
from harness.predict.migration import Stays
from tests.predict.made import ends, interval, predicted, priorities, profile, without_haproxy

ONE_ACTIVE = {r"(server master[12]? .*)": r"\1 backup", r"(server master .*) backup": r"\1"}


def test_a_backup_takes_over_once_the_active_one_is_out():
    found = predicted(profile(haproxy=ONE_ACTIVE), Kind.APISERVER_DEAD)
    assert interval(found, "blackout_s") == (4, 6)
    assert (
        found.measures["blackout_s"].why == "every client is sent to master until that is out, then master1 takes over"
    )
    assert found.evictions["m1", "master"]["misrouted_s"].why.startswith("every connection is tried there")


def test_a_backup_that_dies_beside_an_active_one_is_missed_by_nobody():
    found = predicted(profile(haproxy=ONE_ACTIVE), Kind.APISERVER_DEAD, node="m2")
    assert interval(found, "blackout_s") == (0, 0)
    assert "misrouted_s" not in found.evictions["m1", "master1"]


def test_the_node_that_takes_the_vip_over_may_still_believe_in_the_one_that_has_lost_it():
    found = predicted(profile(haproxy=ONE_ACTIVE), Kind.NODE_CRASH)
    assert interval(found, "blackout_s") == (10, 12)  # each check waits for two seconds


def test_without_anybody_else_it_lasts_until_healing_and_a_readmission():
    alone = {r"^ *server master[12] .*$": ""}
    found = predicted(profile(haproxy=alone), Kind.APISERVER_DEAD)
    assert found.measures["blackout_s"].lasts
    assert found.measures["blackout_s"].why == "m1 sends every client to master, and no other server is left"
    back = ends(found.evictions["m1", "master"]["readmission_s"])
    assert interval(found, "healing_blackout_s") == (0, back[1])


def test_one_that_is_never_checked_is_never_given_up():
    unchecked = ONE_ACTIVE | {r"(server master .*)check": r"\1"}
    found = predicted(profile(haproxy=unchecked), Kind.APISERVER_DEAD)
    assert found.measures["blackout_s"].why == "m1 sends every client to master, and never takes it out"


@pytest.mark.parametrize(
    ("lines", "who"),
    [("balance source", "whose hash is master's"), ("stick match src table t", "that sticks to master")],
)
def test_a_server_of_ones_own_is_told_as_that(lines, who):
    sent = f"a client {who} is sent there"
    found = predicted(profile(haproxy={"balance +roundrobin": lines}), Kind.APISERVER_DEAD).measures["blackout_s"]
    assert found.why == f"{sent} until that is out, then the others have all"
    unchecked = {"balance +roundrobin": lines, r"(server master .*)check": r"\1"}
    found = predicted(profile(haproxy=unchecked), Kind.APISERVER_DEAD).measures["blackout_s"]
    assert (found.why, found.depends) == (f"{sent}, and it is never taken out", f"which client it is {who}")


@pytest.mark.parametrize(
    ("lines", "blackout"),
    [
        ("balance roundrobin", (0, 0)),
        ("balance leastconn", (0, 6)),
        ("balance leastconn\n option redispatch", (0, 0)),
        ("balance source", (0, 6)),  # any client's own
        ("balance source\n hash-type consistent\n option redispatch 1", (0, 0)),
        ("balance roundrobin\n stick-table type ip size 1k", (0, 0)),
        ("balance roundrobin\n stick-table type ip size 1k\n stick on src", (0, 6)),
        ("balance first", (4, 6)),
        ("balance first\n option redispatch", (0, 0)),
    ],
)
def test_who_refuses_may_be_everybodys_first_choice(lines, blackout):
    made = profile(haproxy={"balance +roundrobin": lines})
    assert interval(predicted(made, Kind.APISERVER_DEAD), "blackout_s") == blackout


def test_who_waits_for_a_silent_first_choice_may_have_given_up_before_another_is_tried():
    made = profile(haproxy={"balance +roundrobin": "balance first\n option redispatch"}, of_node=priorities(1, 90, 80))
    found = predicted(made, Kind.NODE_CRASH, node="m1")
    assert interval(found, "blackout_s") == (0, 12)


def test_how_long_leastconn_believes_in_what_is_never_checked_depends_on_others():
    made = profile(haproxy={"balance +roundrobin": "balance leastconn", " check ": " "})
    dark = predicted(made, Kind.APISERVER_DEAD).measures["blackout_s"]
    assert (dark.open, dark.depends) == (True, behind.OTHERS)


def test_one_that_has_failed_before_counts_as_out_where_its_checks_have_seen_it():
    for check, left in ((" check ", 2), (" ", 3)):
        chain = Chain(profile(haproxy={" check ": check}))
        standing = Standing("m1", ("m1", "m2", "m3"), (Failure(Kind.APISERVER_DEAD, "m3"),))
        assert len(behind.up(chain, "m1", standing)) == left
    hung = Standing("m1", ("m1", "m2", "m3"), (Failure(Kind.APISERVER_HUNG, "m3"),))
    assert len(behind.up(Chain(profile()), "m1", hung)) == 3  # its kernel still accepts
    assert len(behind.up(Chain(profile("kubeadm")), "m1", hung)) == 2


@pytest.mark.parametrize(
    ("change", "kind", "open_"),
    [
        ({}, Kind.NODE_CRASH, False),
        ({r"(upstream kubernetes_master \{)": r"\1 hash $remote_addr;"}, Kind.APISERVER_DEAD, False),
        ({r"(upstream kubernetes_master \{)": r"\1 hash $remote_addr;"}, Kind.NODE_CRASH, True),
        ({r"(upstream kubernetes_master \{)": r"\1 hash $remote_addr;"}, Kind.APISERVER_MUTE, True),
        ({r"(upstream kubernetes_master \{)": r"\1 least_conn;"}, Kind.NODE_CRASH, True),
        ({r"(198.18.0.1[13]:6443) ": r"\1 backup "}, Kind.NODE_CRASH, True),
        ({r"(198.18.0.12:6443) ": r"\1 backup "}, Kind.NODE_CRASH, False),
    ],
)
def test_how_long_an_nginx_sends_a_client_to_a_silent_server_nobody_can_tell(change, kind, open_):
    found = predicted(profile("nginx", haproxy=change), kind, node="m2").measures.get("blackout_s")
    left = found is not None and found.bounds is not None and isinf(found.bounds.max)
    assert left is open_
    assert not found or not open_ or "until" in found.depends


def test_the_only_server_of_an_nginx_leaves_nobody():
    alone = {r"server 198.18.0.1[13]:6443.*": "server 198.18.0.12:6444 down;"}
    found = predicted(profile("nginx", haproxy=alone), Kind.APISERVER_DEAD, node="m2").measures["blackout_s"]
    assert found.lasts and "no other server is left" in found.why


def test_who_sends_everybody_to_an_apiserver_without_its_etcd_serves_nobody_until_that_is_out():
    """For two to four seconds it still calls itself ready; who reads is refused from the first."""
    first = {r"^( *balance ).*": r"\1first"}
    found = predicted(profile("kubeadm", haproxy=first), Kind.ETCD_DEAD)
    out = found.evictions["m1", "m1"]["eviction_s"].bounds
    assert out
    assert interval(found, "blackout_s") == (out.min - 4, out.max)
    beside = predicted(profile("kubeadm", haproxy=first), Kind.ETCD_DEAD, node="m2")
    assert interval(beside, "blackout_s") == pytest.approx((0, 2.8))  # an election's


def test_without_a_proxy_an_owner_without_its_etcd_serves_nobody():
    lost = predicted(without_haproxy(), Kind.ETCD_DEAD)  # its check looks for the process alone
    assert isinstance(lost.move, Stays) and lost.measures["blackout_s"].lasts
    assert behind.without_etcd("m1", Bounds(5, 9)).bounds == Bounds(1, 9)  # the VIP goes, as its check asks
