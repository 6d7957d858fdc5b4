"""Against failover-theory's own figures for three haproxy.cfg, worked out by hand."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.chain.compile import of as compiled
from harness.chain.failure import Kind
from harness.clock import Bounds
from harness.errors import UsageError
from harness.predict.eviction import NEIGHBOUR_S, evicted, failing_s, readmitted
from tests.predict.made import ends, predicted, profile


def out(made, kind, measure="eviction_s"):
    rows = predicted(made, kind, node="m2").evictions.values()
    assert rows
    found = {ends(row[measure]) if row[measure].bounds else None for row in rows}
    (one,) = found
    return one


def test_the_articles_default_check():
    assert out(profile(), Kind.APISERVER_DEAD) == (4, 6)
    assert out(profile(), Kind.NODE_CRASH) == (10, 12)
    assert [out(profile(), kind) for kind in (Kind.APISERVER_HUNG, Kind.APISERVER_MUTE, Kind.APISERVER_ERRORS)] == [
        None
    ] * 3


def test_kubeadms_https_check():
    made = profile("kubeadm")
    assert out(made, Kind.APISERVER_DEAD) == (4, 6)
    assert out(made, Kind.NODE_CRASH) == (10, 12)
    assert out(made, Kind.APISERVER_HUNG) == (10, 12)
    assert out(made, Kind.APISERVER_MUTE) == (34, 36)
    assert out(made, Kind.APISERVER_ERRORS) == (4, 6)


def test_a_slow_check():
    made = profile("article-slow-check")
    server = made.servers["m1"][0]
    assert out(made, Kind.APISERVER_DEAD) == (10, 20)
    # packets that are dropped on the way: 30–40; of a dead neighbour the kernel knows after 23 s
    assert failing_s(server, Kind.NODE_CRASH) == 10
    assert out(made, Kind.NODE_CRASH) == (NEIGHBOUR_S, 40)


def test_without_timeout_check_inter_bounds_the_whole_check():
    server = profile("kubeadm").servers["m1"][0]
    assert failing_s(server, Kind.APISERVER_MUTE) == 10
    assert failing_s(dataclasses.replace(server, timeout_check_s=None), Kind.APISERVER_MUTE) == 2
    assert failing_s(dataclasses.replace(server, timeout_connect_s=0.5), Kind.NODE_CRASH) == 0.5


def test_fastinter_counts_between_failures_alone():
    server = dataclasses.replace(profile().servers["m1"][0], fastinter_s=0.5)
    found = evicted(server, 0.0, Kind.APISERVER_DEAD).bounds
    assert (found.min, found.max) == (1, 3)


def test_readmission_takes_rise_checks_and_downinter():
    server = dataclasses.replace(profile().servers["m1"][0], downinter_s=5.0)
    assert readmitted(server, Kind.APISERVER_DEAD, Bounds(0, 1)) == Bounds(2, 8)
    assert readmitted(server, Kind.NODE_CRASH, Bounds(0, 1)) == Bounds(2, 10)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("", "looks only whether a connection comes about"),
        ("option ssl-hello-chk", "looks only whether TLS is answered"),
    ],
)
def test_a_check_that_passes_all_the_same_says_what_it_looks_at(option, told):
    made = profile("kubeadm", haproxy={r"^\s*option httpchk.*": option, r"^\s*http-check.*": ""})
    rows = predicted(made, Kind.APISERVER_ERRORS, node="m2").evictions.values()
    assert {row["eviction_s"].why for row in rows} == {f"its check passes all the same: it {told}"}


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ({r"^\s*(server.* check) ": r"    \1 agent-check agent-port 9 "}, "what the agent of m2 says"),
        ({r"^\s*option httpchk$": "option external-check"}, "what the program says that checks m2"),
        ({r"^\s*(server.* check) ": r"    \1 port 10256 "}, "which the checks of m2 ask"),
        ({"verify none": "verify required ca-file @system-ca"}, "whether the system's own authorities certify"),
        ({r"(connect ssl)$": r"\1\n    http-check connect port 2379"}, "at each place that the checks of m2 connect"),
    ],
)
def test_where_no_file_tells_what_takes_a_server_out_nothing_is_claimed(edits, told):
    made = profile("kubeadm", haproxy=edits)
    found = predicted(made, Kind.APISERVER_DEAD, node="m2")
    rows = [row["eviction_s"] for row in found.evictions.values()]
    assert rows and all(one.open and told in one.depends for one in rows)
    assert found.measures["recovery_s"].open
    with pytest.raises(UsageError, match="no file tells: it cannot be simulated"):
        compiled(made)


def test_a_backend_without_a_check_is_never_evicted():
    made = profile(haproxy={" check ": " "})
    rows = predicted(made, Kind.APISERVER_DEAD, node="m2").evictions
    assert {row["eviction_s"].why for row in rows.values()} == {"it is not checked"}


def test_the_first_failed_check_comes_within_a_period():
    assert out(profile(), Kind.APISERVER_DEAD, "first_failed_check_s") == (0, 2)
    assert out(profile(), Kind.NODE_CRASH, "first_failed_check_s") == (2, 4)


def test_every_haproxy_that_runs_has_a_row():
    assert set(predicted(profile(), Kind.APISERVER_DEAD, node="m2").evictions) == {
        ("m1", "master1"), ("m2", "master1"), ("m3", "master1")
    }  # fmt: skip
    assert set(predicted(profile(), Kind.NODE_CRASH).evictions) == {("m2", "master"), ("m3", "master")}
    assert predicted(profile(), Kind.PROXY_DEAD).evictions == {}


@given(
    st.floats(0.1, 20), st.integers(1, 6), st.floats(0.05, 20), st.sampled_from([0.0, 0.5, 2.0]),
    st.sampled_from([Kind.APISERVER_DEAD, Kind.NODE_CRASH]),
)  # fmt: skip
def test_more_patience_is_never_faster(inter_s, fall, fast_s, run_s, kind):
    server = dataclasses.replace(profile().servers["m1"][0], inter_s=inter_s, fall=fall, fastinter_s=fast_s)
    found = evicted(server, run_s, kind)
    assert found.bounds.min <= found.quantile(0.5) <= found.bounds.max
    assert evicted(dataclasses.replace(server, fall=fall + 1), run_s, kind).bounds.max >= found.bounds.max
    assert evicted(dataclasses.replace(server, inter_s=inter_s + 1), run_s, kind).bounds.max >= found.bounds.max


@pytest.mark.parametrize("path", ["/version", "/livez?exclude=etcd", "/livez/ping"])
def test_what_needs_no_etcd_is_answered_without_it(path):
    made = profile("kubeadm", haproxy={"uri /healthz": f"uri {path}"})
    assert failing_s(made.servers["m1"][0], Kind.ETCD_DEAD) is None
    assert failing_s(profile("kubeadm").servers["m1"][0], Kind.ETCD_DEAD) == 0.0


def test_a_check_that_takes_an_error_for_an_answer_evicts_nobody_for_it():
    made = profile("kubeadm", haproxy={"expect status 200": "expect status 200-599"})
    assert failing_s(made.servers["m1"][0], Kind.APISERVER_ERRORS) is None
    assert failing_s(profile("kubeadm").servers["m1"][0], Kind.APISERVER_ERRORS) == 0.0


def test_a_hung_connection_ends_with_its_server_where_that_is_so_marked():
    asks = {"check verify none": "check verify none inter 1s fall 2 on-marked-down shutdown-sessions"}
    made = profile("kubeadm", haproxy=asks)
    cut = predicted(made, Kind.APISERVER_MUTE, node="m2").evictions["m1", "m2"]
    cut_s, out_s = cut["misrouted_s"].bounds, cut["eviction_s"].bounds
    assert cut_s and out_s and cut_s.max == out_s.max < 35


def test_checks_an_hour_apart_are_predicted_too():
    made = profile("kubeadm", haproxy={"check verify none": "check verify none inter 1h"})
    assert predicted(made, Kind.NODE_CRASH).evictions
