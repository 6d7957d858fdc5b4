import pytest

from harness.chain.chain import Chain
from harness.chain.failure import Kind, Standing
from harness.chain.outcome import failed, run
from harness.clock import Bounds
from tests.predict.made import profile, without_haproxy

DEAD, HUNG = Kind.PROXY_DEAD, Kind.PROXY_HUNG
BEHIND = (Kind.APISERVER_DEAD, Kind.APISERVER_HUNG, Kind.APISERVER_ERRORS)
NODES = ("m1", "m2", "m3")


def runs(made, *kinds, node="m1", on="m1", owner="m1"):
    chain = Chain(made)
    (script,) = chain.watches(node)
    standing = Standing(owner, NODES)
    return [run(chain, node, script, standing.after(chain.fails(kind, on), owner)) for kind in kinds]


def took_s(made, *kinds, **where):
    """How long a run takes to fail; None where it passes."""
    return [None if one.passes else one.took_s.max for one in runs(made, *kinds, **where)]


def test_a_name_is_there_as_long_as_its_process_is():
    assert took_s(profile(), DEAD, HUNG, *BEHIND) == [0, None, None, None, None]
    named = profile(check="#!/bin/sh\npidof kube-apiserver")
    assert took_s(named, Kind.APISERVER_DEAD, Kind.APISERVER_ERRORS) == [0, None]


def test_a_request_through_haproxy_sees_haproxy_and_no_single_backend():
    assert took_s(profile("kubeadm"), DEAD, HUNG, *BEHIND) == [0, 2, None, None, None]


def test_a_request_past_haproxy_sees_the_apiserver_and_not_haproxy():
    made = profile(check="#!/bin/sh\ncurl -sfk --max-time 1 https://localhost:6443/readyz")
    assert took_s(made, DEAD, HUNG, *BEHIND) == [None, None, 0, 1, 0]


def test_an_error_status_is_seen_only_where_it_is_asked_for():
    made = profile(check="#!/bin/sh\ncurl -sk https://localhost:6443/readyz")
    assert took_s(made, *BEHIND) == [0, 3, None]  # keepalived's own timeout


ASKS = "curl -sfk --max-time 0.4 https://localhost:8443/readyz"


@pytest.mark.parametrize(
    ("check", "dead_s", "hung_s"),
    [
        (f"{ASKS} && exit 0; sleep 1; {ASKS} && exit 0; exit 1", 1.0, 1.8),
        (f"for n in 1 2 3; do {ASKS} && exit 0; sleep 0.5; done; exit 1", 1.5, 2.7),
        (f"asks() {{ {ASKS}; }}\nasks || asks", 0, 0.8),
        (f"{ASKS} || bash -c '{ASKS}'", 0, 0.8),
        (f"timeout 0.2 {ASKS} || {ASKS}", 0, 0.6),
        ('case "$(curl -sk -m 0.4 https://localhost:8443/readyz)" in ok) exit 0;; *) exit 1;; esac', 0, 0.4),
        ("[ \"$(curl -sk -m 0.4 -o /dev/null -w '%{http_code}' https://localhost:8443/readyz)\" = 200 ]", 0, 0.4),
    ],
)
def test_what_is_asked_again_takes_as_long_again_and_what_it_printed_nothing(check, dead_s, hung_s):
    made = profile(check=f"#!/bin/bash\n{check}\n", keepalived={r"^\s*interval .*": "interval 5"})
    assert took_s(made, DEAD, HUNG) == pytest.approx([dead_s, hung_s])


def test_an_open_port_says_nothing_of_who_hangs_behind_it():
    assert took_s(profile(check="#!/bin/sh\nnc -z localhost 8443"), DEAD, HUNG) == [0, None]


def test_without_haproxy_the_vips_port_is_the_apiservers():
    asks = "#!/bin/sh\ncurl -sfk --max-time 2 https://localhost:6443/readyz"
    assert took_s(without_haproxy(check=asks), *BEHIND) == [0, 2, 0]


def test_without_a_quorum_what_asks_for_it_fails_within_the_apiservers_patience():
    chain = Chain(profile(check="#!/bin/sh\ncurl -sfk --max-time 5 https://localhost:8443/readyz"))
    (script,) = chain.watches("m3")
    lost = Standing("m3", ("m3",))
    assert run(chain, "m3", script, lost).took_s == Bounds(0.0, 3.0)  # each of two checks may ask etcd; its timeout
    livez = Chain(profile(check="#!/bin/sh\ncurl -sfk --max-time 5 https://localhost:8443/livez"))
    assert run(livez, "m3", script, lost).took_s == Bounds(0.0, 3.0)
    without = Chain(profile(check="#!/bin/sh\ncurl -sfk --max-time 5 'https://localhost:8443/livez?exclude=etcd'"))
    assert run(without, "m3", script, lost).passes


VIP = "#!/bin/sh\n{}curl -sfk --max-time 1 https://198.18.0.100:8443/livez"


def test_who_asks_the_vip_fails_on_every_node_unless_it_asks_whether_it_has_it():
    everywhere, guarded = (
        profile(check=VIP.format(before)) for before in ("", "ip addr | grep -q 198.18.0.100 || exit 0\n")
    )
    assert took_s(everywhere, DEAD) == took_s(everywhere, DEAD, node="m2") == [0]
    assert took_s(guarded, DEAD) == [0]
    assert took_s(guarded, DEAD, node="m2") == [None]


def test_a_script_that_is_not_understood_may_do_either_and_fails_where_that_is_supposed():
    made = profile(check="#!/bin/sh\n/usr/local/bin/own-check")
    (found,) = runs(made, DEAD)
    assert found.passes is None and "own-check" in found.why
    standing = Standing("m1", NODES)
    for nodes, fails in (([], False), (["m1"], True), (["m2"], False)):
        chain = Chain(made, frozenset((node, "check_haproxy") for node in nodes))
        assert bool(failed(chain, "m1", chain.watches("m1")[0], standing)) is fails


@pytest.mark.parametrize("kind", [DEAD, HUNG])
def test_what_has_keepalived_stopped_is_a_failure_of_its_own(kind):
    made = profile(check="#!/bin/sh\npidof haproxy || { systemctl stop keepalived; exit 0; }")
    (found,) = runs(made, kind)
    assert found.stops is (kind is DEAD)
