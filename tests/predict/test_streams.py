from math import inf

from harness.chain.failure import Kind
from harness.clock import Bounds
from harness.predict.etcd import WORST_S
from tests.predict.made import predicted, profile, without_haproxy

CUT = {r"^( *server .*)$": r"\1 on-marked-down shutdown-sessions"}


def silent(made, kind=Kind.NODE_CRASH, node="m2"):
    found = predicted(made, kind, node=node).clients
    return {name: one.bounds for (of, name), one in found.items() if of == "watch"}


def test_a_watch_to_a_silent_bystander_lasts_as_long_as_haproxy_lets_it_be_idle():
    on = Bounds(0, WORST_S)  # it may have led etcd
    assert silent(profile()) == {"m1": on, "m2": Bounds(59.75, 60), "m3": on}  # 59.96 s in a lab
    assert silent(profile("kubeadm"))["m2"] == Bounds(34.75, 35)  # 34.99 s


def test_the_shorter_side_counts_and_a_tunnel_for_both():
    assert silent(profile(haproxy={"timeout client .*": "timeout client 20s"}))["m2"] == Bounds(19.75, 20)
    tunnel = profile(haproxy={"(timeout client .*)": r"\1\n    timeout tunnel 24h"})
    assert silent(tunnel)["m2"] == Bounds(86399.75, 86400)


def test_without_any_timeout_nothing_ends_it():
    open_ = profile(haproxy={"timeout client .*": "timeout check 2s", "timeout server .*": ""})
    assert silent(open_)["m2"] == Bounds(0, inf)


def test_it_is_cut_with_the_eviction_where_that_is_told():
    found = predicted(profile(haproxy=CUT), Kind.NODE_CRASH, node="m2")
    out = found.evictions["m1", "master1"]["eviction_s"].bounds
    assert out
    assert found.clients["watch", "m2"].bounds == Bounds(out.min - 0.25, out.max)


def test_streams_of_others_go_on_where_no_member_of_etcd_went():
    assert silent(profile(), Kind.APISERVER_DEAD) == dict.fromkeys(("m1", "m2", "m3"), Bounds(0, 0))


def test_a_dead_apiserver_ends_it_at_once_and_one_that_hangs_does_not():
    assert silent(profile(), Kind.APISERVER_DEAD)["m2"] == Bounds(0, 0)
    assert silent(profile(), Kind.APISERVER_HUNG)["m2"] == Bounds(59.75, 60)


def test_without_its_etcd_an_apiserver_keeps_it_and_has_no_news_for_it():
    assert silent(profile("kubeadm"), Kind.ETCD_DEAD)["m2"] == Bounds(34.75, 35)
    found = predicted(profile("kubeadm-fast"), Kind.ETCD_DEAD, node="m2")
    out = next(row["eviction_s"].bounds for (node, _), row in found.evictions.items() if node == "m1")
    assert out and found.clients["watch", "m2"].bounds == Bounds(out.min - 0.25, out.max)


def test_nothing_is_said_where_the_vip_moves_or_nothing_stands_between():
    assert silent(profile(), node="m1") == {}
    assert silent(without_haproxy()) == {}


def test_nginx_has_its_own_limit_of_what_is_idle():
    assert silent(profile("nginx"))["m2"] == Bounds(599.75, 600)
    quick = profile("nginx", haproxy={"proxy_timeout 10m": "proxy_timeout 3s"})
    assert silent(quick)["m2"] == Bounds(2.75, 3)
