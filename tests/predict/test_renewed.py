"""When a watch that broke has news again: its client dials half a second after the end, and until a stream stands."""

from math import inf

import pytest

from harness.agent import watcher
from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.clock import Bounds
from harness.predict.predict import predict
from harness.predict.renewed import AGAIN_S, STANDS_S
from tests.predict.made import interval, predicted, profile

CUT = {r"^( *server .*)$": r"\1 on-marked-down shutdown-sessions"}
MORE_S = AGAIN_S + STANDS_S


def test_the_lab_s_own_watchers_wait_so_long():
    assert watcher.AGAIN_S == AGAIN_S


def again(made, kind, node="m1"):
    found = predicted(made, kind, node=node)
    return found, {name: one.bounds for (of, name), one in found.clients.items() if of == "renewed"}


def test_streams_that_were_reset_are_refused_until_the_vip_has_moved():
    found, news = again(profile(), Kind.PROXY_DEAD)
    low, high = interval(found, "vip_migration_s")
    assert news == dict.fromkeys(("m1", "m2", "m3"), Bounds(low, high + MORE_S))


def test_what_is_dialled_while_nobody_has_the_vip_is_sent_again():
    found, news = again(profile(keepalived={"weight 2": "weight 0"}), Kind.PROXY_DEAD)
    low, high = interval(found, "vip_migration_s")
    assert news["m2"] == Bounds(low, high + 1.0 + MORE_S)  # its SYN, after a second


def test_a_silent_owner_is_noticed_by_the_keepalive():
    found, news = again(profile(), Kind.NODE_CRASH)
    low, high = interval(found, "watch_stall_s")
    assert news["m3"] == Bounds(low, high + MORE_S)


def test_the_resets_of_a_node_that_is_shut_down_may_not_get_out():
    """It may give up the VIP before its load balancer closes (a lab of kubeadm: streams silent for 30.17 s)."""
    found, news = again(profile(), Kind.NODE_STOP)
    assert news["m3"] == Bounds(interval(found, "vip_migration_s")[0], interval(found, "watch_stall_s")[1] + MORE_S)


def test_while_another_backend_is_broken_nothing_is_claimed():
    standing = Standing("m1", ("m1", "m2", "m3"), (Failure(Kind.APISERVER_DEAD, "m1"),))
    found = predict(Chain(profile()), Failure(Kind.APISERVER_DEAD, "m2"), standing)
    assert [node for of, node in found.clients if of == "renewed"] == []


def test_behind_a_living_owner_those_of_the_dead_backend_alone_break():
    assert again(profile(), Kind.NODE_CRASH, "m2")[1] == {"m2": Bounds(59.75, 60 + MORE_S)}
    _, news = again(profile(), Kind.APISERVER_DEAD, "m2")
    assert news.keys() == {"m2"} and news["m2"].min == 0


def test_one_that_is_cut_with_the_eviction_finds_another_backend_at_once():
    found, news = again(profile(haproxy=CUT), Kind.NODE_CRASH, "m2")
    out = found.evictions["m1", "master1"]["eviction_s"].bounds
    assert out and news == {"m2": Bounds(out.min - 0.25, out.max + MORE_S)}


def test_one_that_ends_before_the_eviction_may_be_sent_to_the_dead_backend_again():
    found, news = again(profile(), Kind.APISERVER_DEAD, "m2")
    row = found.evictions["m1", "master1"]
    out, sent = row["eviction_s"].bounds, row["misrouted_s"].bounds
    assert out and sent and news["m2"].max == out.max + sent.max + MORE_S
    _, unchecked = again(profile(haproxy={r"(server master1 .*)check": r"\1"}), Kind.APISERVER_DEAD, "m2")
    assert unchecked["m2"].max == inf


@pytest.mark.parametrize("kind", [Kind.PROXY_HUNG, Kind.NODE_FREEZE])
def test_of_what_hangs_nothing_is_claimed(kind):
    assert again(profile("kubeadm"), kind)[1] == {}
