import pytest

from harness.chain.chain import Chain
from harness.chain.failure import Kind, Standing
from harness.chain.front import UNTOLD, Front, fronts
from harness.chain.outcome import run
from tests.predict.made import profile

API = "frontend k8s\n    bind *:8443\n    default_backend masters\nbackend masters\n    server m1 10.0.0.11:6443\n"
ASKS = "#!/bin/sh\ncurl -sf --max-time 1 http://127.0.0.1:8404/health\n"


def health(condition: str) -> str:
    return f"frontend health\n    bind *:8404\n    mode http\n    monitor-uri /health\n{condition}"


@pytest.mark.parametrize(
    ("condition", "needs"),
    [
        ("", 0),
        ("    monitor fail if { nbsrv(masters) lt 2 }\n", 2),
        ("    monitor fail if { nbsrv(masters) le 1 }\n", 2),
        ("    monitor fail if { nbsrv(masters) eq 0 }\n", 1),
        ("    acl dead nbsrv(masters) lt 1\n    monitor fail if dead\n", 1),
        ("    monitor fail if { stopping }\n", UNTOLD),
        ("    monitor fail unless { nbsrv(masters) ge 1 }\n", UNTOLD),
    ],
)
def test_what_it_answers_for_itself_may_depend_on_its_servers(condition, needs):
    found = fronts(API + health(condition), "haproxy.cfg", 8443)
    assert found == {8443: Front(True), 8404: Front(False, "/health", needs)}


@pytest.mark.parametrize(
    ("condition", "dead", "passes"),
    [
        ("", ("m1", "m2", "m3"), True),
        ("    monitor fail if { nbsrv(masters) lt 1 }\n", ("m2",), True),
        ("    monitor fail if { nbsrv(masters) lt 1 }\n", ("m1", "m2", "m3"), None),  # once they are evicted
        ("    monitor fail if { nbsrv(masters) lt 3 }\n", ("m2",), None),
        ("    monitor fail if { stopping }\n", ("m2",), None),
    ],
)
def test_with_too_few_servers_nobody_can_tell_when_it_turns_red(condition, dead, passes):
    made = profile(haproxy={r"^backend": f"{health(condition)}\nbackend"}, check=ASKS)
    chain, standing = Chain(made), Standing("m1", ("m1", "m2", "m3"))
    (script,) = chain.watches("m1")
    assert run(chain, "m1", script, standing).passes is True
    assert run(chain, "m1", script, standing.after(chain.fails(Kind.PROXY_DEAD, "m1"), "m1")).passes is False
    for node in dead:
        standing = standing.after(chain.fails(Kind.APISERVER_DEAD, node), "m1")
    assert run(chain, "m1", script, standing).passes is passes


@pytest.mark.parametrize(
    ("bind", "hears", "not_"),
    [
        ("*:8443", ["127.0.0.1", "localhost", "10.0.0.100"], ["::1"]),
        (":::8443 v4v6", ["127.0.0.1", "::1"], []),
        ("10.0.0.100:8443", ["10.0.0.100"], ["127.0.0.1", "localhost"]),
        ("127.0.0.1:8443", ["localhost", "127.0.0.1"], ["10.0.0.100"]),
        ('"${VIP}":8443', ["10.0.0.100", "127.0.0.1"], []),  # not known
    ],
)
def test_a_bind_hears_what_is_sent_to_its_address(bind, hears, not_):
    text = f"frontend api\n    bind {bind}\n    default_backend apis\nbackend apis\n    server m1 10.0.0.11:6443\n"
    front = fronts(text, "haproxy.cfg", 8443)[8443]
    assert [host for host in hears if not front.hears(host)] == []
    assert [host for host in not_ if front.hears(host)] == []
