import dataclasses

import pytest

from harness.chain.look import Lookup, Verdict, looks
from harness.chain.sight import Elsewhere, HasVip, Request, Way, asks, sight, told, understood, unknown
from harness.profile.files import File
from tests.predict.made import profile, without_haproxy

INF = float("inf")


def request(way, minds=True, asks_ready=True, connects=False, limit_s=INF, on_owner=False, port=8443):
    return Request(way, minds, asks_ready, connects, limit_s, on_owner, port)


def seen(code, of=None):
    of = of or profile()
    script = File("/etc/keepalived/own.sh", f"#!/bin/sh\n{code}\n", 0o755)
    return sight(dataclasses.replace(of, files=of.files | {"m1": [*of.files["m1"], script]}), "m1", script.path)


@pytest.mark.parametrize(
    ("code", "placed"),
    [
        ("killall -0 haproxy", Lookup("haproxy")),
        ("curl -sfk --max-time 2 https://localhost:8443/healthz", request(Way.BALANCER, limit_s=2.0)),
        ("curl -k https://127.0.0.1:6443/livez", request(Way.APISERVER, False, port=6443)),
        ("curl -k https://127.0.0.1:6443/livez?exclude=etcd", request(Way.APISERVER, False, False, port=6443)),
        ("curl -kf https://198.18.0.11:6443/readyz", request(Way.APISERVER, port=6443)),
        ("curl -kf https://m1:6443/readyz", request(Way.APISERVER, port=6443)),
        ("curl -k --fail -m 1 https://198.18.0.100:8443/readyz", request(Way.BALANCER, limit_s=1.0, on_owner=True)),
        ("curl -kf https://198.18.0.100:6443/readyz", request(Way.APISERVER, on_owner=True, port=6443)),
        ("nc -z -w 1 localhost 8443", request(Way.BALANCER, False, False, True, 1.0)),
        ("ss -lnt | grep -q :8443", request(Way.BALANCER, False, False, True)),
        ("ip addr | grep -q 198.18.0.100", HasVip()),
    ],
)
def test_a_look_is_placed_on_what_is_there(code, placed):
    assert looks(seen(code)) == [placed]
    assert understood(seen(code))


@pytest.mark.parametrize(
    "code",
    [
        "curl -sfk https://example.org/healthz",
        "curl -sf http://localhost:9999/healthz",
        "curl -kf https://198.18.0.12:6443/readyz",
        "ip addr | grep -q 192.0.2.7",
        "ping -c 1 198.18.0.100",
        "ping -c 1 gateway",
    ],
)
def test_what_is_in_none_of_the_files_is_not_known(code):
    (look,) = looks(seen(code))
    assert isinstance(look, Elsewhere)
    assert not understood(seen(code))
    assert "is not in these files" in unknown(seen(code))


def test_a_gateway_is_taken_to_answer_whatever_fails_here():
    passes = seen("ping -c 1 -W 1 198.18.0.1 >/dev/null")
    assert isinstance(passes, Verdict) and passes.passes and "is no machine of these files" in passes.why
    assert looks(seen("ping -c 1 198.18.0.1 && pidof haproxy")) == [Lookup("haproxy")]


MONITORED = {r"^backend": "frontend health\n    bind *:8404\n    mode http\n    monitor-uri /health\n\nbackend"}


def test_what_haproxy_answers_itself_needs_no_backend():
    of = profile(haproxy=MONITORED)
    for code in ("curl -sf http://127.0.0.1:8404/health", "curl -sf http://127.0.0.1:8404/"):
        (look,) = looks(seen(code, of))
        assert isinstance(look, Request) and look.way is Way.PROXY
    (look,) = looks(seen("curl -skf https://127.0.0.1:8443/healthz", of))
    assert isinstance(look, Request) and look.way is Way.BALANCER


def test_without_a_load_balancer_the_vips_port_is_the_apiservers():
    (look,) = looks(seen("curl -sfk https://localhost:6443/readyz", without_haproxy()))
    assert isinstance(look, Request) and look.way is Way.APISERVER


def test_whether_it_asks_for_more_than_an_open_port():
    assert asks(seen("curl -sk https://localhost:8443/")) and not asks(seen("nc -z localhost 8443"))
    assert not asks(seen("pidof haproxy"))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("pidof haproxy", "looks whether a process named haproxy exists"),
        (
            "curl -sfk https://localhost:8443/healthz",
            "asks port 8443, through haproxy to any backend over HTTP, and fails on an error status",
        ),
        ("curl -k https://localhost:6443/", "asks port 6443 over HTTP, and does not fail on an error status"),
        ("nc -z localhost 6443", "looks whether port 6443 is open"),
        ("nc -z 198.18.0.100 8443", "looks whether port 8443 of the VIP, through haproxy to any backend is open"),
        ("exit 0", "passes whatever happens"),
        ("/own-check", "is not understood (`/own-check` is not known)"),
    ],
)
def test_it_is_told_in_words(code, words):
    assert told(profile(), seen(code)) == words


@pytest.mark.parametrize(
    ("command", "fails"),
    [
        ("curl -f http://localhost:8443/healthz", True),
        ("curl -f http://127.0.0.1:6443/healthz", True),
        ("curl http://localhost:8443/healthz", False),  # 400 is an answer
        ("curl -kf https://localhost:8443/healthz", False),
    ],
)
def test_a_tls_port_that_is_asked_in_the_clear_answers_400(command, fails):
    found = sight(profile(), "m1", command)
    assert isinstance(found, Verdict) is fails
    assert not isinstance(found, Verdict) or (found.passes is False and "answers 400" in found.why)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("curl -kf https://localhost:6443/", "/ is answered 403"),
        ("curl -ksf https://localhost:8443/livez/ping", "/livez/ping is answered 403"),
        ("curl -kfI https://localhost:6443/readyz", "/readyz is answered 403"),
        ("curl -kf -X OPTIONS https://m1:6443/readyz", "/readyz is answered 403"),
        ("curl -kf -d x https://localhost:6443/readyz", "/readyz is answered 403"),
        ("wget -q --spider --no-check-certificate https://localhost:6443/readyz", "/readyz is answered 403"),
    ],
)
def test_who_says_nothing_of_itself_is_told_no_more_than_all(command, why):
    found = sight(profile(), "m1", command)
    assert isinstance(found, Verdict) and found.passes is False and found.why.startswith(why)


@pytest.mark.parametrize(
    "command",
    [
        "curl -k https://localhost:6443/",  # any answer will do
        "curl -kf https://localhost:6443/readyz?verbose",
        "curl -kf -H Authorization:x https://localhost:6443/livez/ping",
        "curl -kf --cert a.pem https://localhost:6443/livez/ping",
        "curl -kfX GET https://localhost:6443/readyz",
    ],
)
def test_who_asks_for_less_or_says_so_may_pass(command):
    assert not isinstance(sight(profile(), "m1", command), Verdict)


@pytest.mark.parametrize(
    ("command", "known"),
    [
        ("curl -sf https://localhost:6443/readyz", False),
        ("curl -s https://localhost:8443/readyz", False),  # it fails without an answer, too
        ("curl -sf --cacert ca.crt https://127.0.0.1:6443/readyz", False),  # a name that kubeadm gives no certificate
        ("curl -sf --cacert ca.crt https://198.18.0.100:8443/readyz", True),
        ("curl -sf --cacert=ca.crt https://m1:6443/readyz", True),
        ("curl -sf --insecure https://localhost:6443/readyz", True),
        ("wget -q https://localhost:6443/readyz", False),
        ("curl -sf http://127.0.0.1:8404/", True),
    ],
)
def test_who_verifies_whom_it_asks_may_not_trust_it(command, known):
    found = sight(profile(haproxy=MONITORED), "m1", command)
    assert understood(found) is known
    assert known or "certificate" in unknown(found)
