import dataclasses

import pytest

from harness import assets
from harness.model.probes import Lookup, Request, Way, probes
from harness.profile.folder import File, find, load

HAPROXY, APISERVER = Lookup("haproxy"), Lookup("kube-apiserver")


def ask(way, minds=True, asks_ready=True, connects=False, limit_s=float("inf")):
    return Request(way, minds, asks_ready, connects, limit_s)


@pytest.mark.parametrize(
    ("code", "looked"),
    [
        ("killall -0 haproxy", [HAPROXY]),
        ("/usr/bin/killall -0 kube-apiserver 2>/dev/null", [APISERVER]),
        ("killall -q -0 haproxy", [HAPROXY]),
        ("pidof haproxy", [HAPROXY]),
        ("/bin/pidof -s haproxy || exit 1", [HAPROXY]),
        ("pgrep -x haproxy >/dev/null", [HAPROXY]),
        ("systemctl -q is-active haproxy", [HAPROXY]),
        ("killall -0 haproxy && killall -0 kube-apiserver", [HAPROXY, APISERVER]),
        ("# killall -0 haproxy\nexit 0", []),
        ("echo killall -0 haproxy", []),
        ("curl -sfk --max-time 2 https://localhost:8443/healthz -o /dev/null", [ask(Way.BALANCER, limit_s=2.0)]),
        ("curl -k https://127.0.0.1:6443/livez", [ask(Way.APISERVER, minds=False, asks_ready=False)]),
        ("curl --fail -m 1 https://198.18.0.100:8443/readyz", [ask(Way.VIP, limit_s=1.0)]),
        ("curl -f -m 5 localhost:6443/readyz", [ask(Way.APISERVER, limit_s=5.0)]),
        ("wget -q -T 3 -O- http://localhost:8443/", [ask(Way.BALANCER, asks_ready=False, limit_s=3.0)]),
        ("PORT=6443\ncurl -sf https://localhost:${PORT}/healthz", [ask(Way.APISERVER)]),
        ("nc -z -w 1 127.0.0.1 6443", [ask(Way.APISERVER, minds=False, asks_ready=False, connects=True, limit_s=1.0)]),
        ("curl -sf https://example.org/healthz", []),
        ("curl -sf https://localhost:9999/healthz", []),
        ("test -f /run/ready", []),
    ],
)
def test_what_a_script_looks_at(code, looked):
    of = load(find("article", assets.PROFILES))
    script = File("/etc/keepalived/check.sh", f"#!/bin/sh\n{code}\n", 0o755)
    with_script = dataclasses.replace(of, files=of.files | {"m1": [*of.files["m1"], script]})
    assert list(probes(with_script, "m1", "/etc/keepalived/check.sh")) == looked
    assert list(probes(with_script, "m1", "/bin/sh /etc/keepalived/check.sh now")) == looked


def test_a_command_needs_no_file():
    of = load(find("article", assets.PROFILES))
    assert probes(of, "m1", "/usr/bin/killall -0 haproxy") == (HAPROXY,)
