import pytest

from harness.model.failure import Kind
from harness.model.sight import Look, fails_after_s, look, told
from harness.model.vrrp import Router
from tests.model.made import profile, without_haproxy

DEAD, HUNG = Kind.PROXY_DEAD, Kind.PROXY_HUNG
BEHIND = (Kind.APISERVER_DEAD, Kind.APISERVER_HUNG, Kind.APISERVER_ERRORS)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("/usr/bin/killall -0 haproxy 2>/dev/null", Look(("haproxy",))),
        ("#!/bin/sh\n# a process named killall -0 nginx\npidof -x /usr/sbin/haproxy", Look(("haproxy",))),
        ("pgrep -f kube-apiserver", Look(("kube-apiserver",))),
        ("nc -z localhost 8443", Look(port=8443)),
        ("</dev/tcp/127.0.0.1/6443", Look(port=6443)),
        ("curl -sfk --max-time 2 https://localhost:8443/healthz", Look((), 8443, True, True, 2.0)),
        ("curl -k https://localhost:6443/", Look((), 6443, True)),
        ('PORT=8443\ncurl --fail -m 1 "https://localhost:${PORT}/readyz"', Look((), 8443, True, True, 1.0)),
        ("/usr/local/bin/own-check --deep", Look()),
    ],
)
def test_what_a_script_looks_at(text, seen):
    assert look(text) == seen


def failing(made, *kinds):
    router = Router(made)
    (script,) = router.scripts("m1")
    return [fails_after_s(router, "m1", script, kind) for kind in kinds]


def test_a_name_is_there_as_long_as_its_process_is():
    assert failing(profile(), DEAD, HUNG, *BEHIND) == [0, None, None, None, None]


def test_a_request_through_haproxy_sees_haproxy_and_no_single_backend():
    assert failing(profile("kubeadm"), DEAD, HUNG, *BEHIND) == [0, 2, None, None, None]


def test_a_request_past_haproxy_sees_the_apiserver_and_not_haproxy():
    made = profile(check="curl -sfk --max-time 1 https://localhost:6443/readyz")
    assert failing(made, DEAD, HUNG, *BEHIND) == [None, None, 0, 1, 0]


def test_an_error_status_is_seen_only_where_it_is_asked_for():
    assert failing(profile(check="curl -sk https://localhost:6443/readyz"), *BEHIND) == [0, 3, None]


def test_an_open_port_says_nothing_of_who_hangs_behind_it():
    assert failing(profile(check="nc -z localhost 8443"), DEAD, HUNG) == [0, None]


def test_without_haproxy_the_vips_port_is_the_apiservers():
    asks = "curl -sfk --max-time 2 https://localhost:6443/readyz"
    assert failing(without_haproxy(check=asks), *BEHIND) == [0, 2, 0]


def test_a_script_that_is_not_understood_is_taken_to_see_a_death():
    made = profile(check="/usr/local/bin/own-check")
    router = Router(made)
    assert failing(made, DEAD, HUNG) == [0, None]
    assert "is not understood" in told(router, "m1", router.scripts("m1")[0])


def test_it_is_told_in_words():
    def says(made):
        router = Router(made)
        return told(router, "m1", router.scripts("m1")[0])

    assert says(profile()) == "looks whether a process named haproxy exists"
    assert says(profile("kubeadm")) == (
        "asks port 8443, through haproxy to any backend over HTTP, and fails on an error status"
    )
    assert says(profile(check="nc -z localhost 6443")) == "looks whether port 6443 is open"
