from dataclasses import replace
from random import Random

import pytest

from harness.chain.look import Asked, Lookup, Verdict
from harness.chain.sight import Elsewhere, HasVip, Request, Way
from harness.simulate.world import World
from tests.simulate.chains import EXACT, TRACK, chain, sight

QUICK = replace(EXACT, request_s=(0.03, 0.03), lookup_s=(0.01, 0.01))
ASK = Request(way=Way.BALANCER, minds=True, asks_ready=True, connects=False, limit_s=2.0)


def world(balance=None):
    return World(chain(110, 109, 108, balance=balance), QUICK, Random(1))


def run(of, *probes, **changes):
    return of.tried(0, replace(TRACK, sight=sight(*probes), **changes))


def test_a_lookup_sees_a_process_that_hangs_and_not_one_that_is_gone():
    w = world()
    assert run(w, Lookup("haproxy"))[:2] == (True, 0.01)
    w.machines[0].signal("haproxy", "STOP")
    assert run(w, Lookup("haproxy"))[0]
    w.machines[0].signal("haproxy", "KILL")
    assert not run(w, Lookup("haproxy"))[0]


def test_of_processes_outside_the_chain_nothing_is_known():
    assert run(world(), Lookup("sshd"))[0]


def test_a_request_sees_a_haproxy_that_hangs_and_waits_for_its_limit():
    w = world()
    assert run(w, ASK)[:2] == (True, 0.03)
    w.machines[0].signal("haproxy", "STOP")
    assert run(w, ASK)[:2] == (False, 2.0)
    assert run(w, replace(ASK, connects=True))[:2] == (True, 0.03)
    w.machines[0].signal("haproxy", "KILL")
    assert run(w, ASK)[:2] == (False, 0.03)


def test_keepalived_ends_a_script_at_its_timeout():
    w = world()
    w.machines[0].signal("haproxy", "STOP")
    assert run(w, ASK, timeout_s=1.0)[:2] == (False, 1.0)
    assert run(w, replace(ASK, limit_s=float("inf")))[:2] == (False, 3.0)


@pytest.mark.parametrize(("balance", "share"), [(None, 2 / 3), ({"redispatch": -1}, 1.0)])
def test_a_request_through_haproxy_meets_a_dead_backend_as_a_client_does(balance, share):
    w = world(balance)
    w.machines[1].signal("kube-apiserver", "KILL")
    passed = [run(w, ASK)[0] for _ in range(3000)]
    assert sum(passed) / 3000 == pytest.approx(share, abs=0.03)


def without_a_quorum(**changes):
    w = World(chain(110, 109, 108), replace(QUICK, **changes), Random(1))
    for machine in w.machines[1:]:
        machine.signal("etcd", "KILL")
    w.machines[0].signal("etcd", "STOP")
    return w


def test_until_health_tells_of_etcds_end_who_has_it_ask_waits_and_all_others_pass():
    own = replace(ASK, way=Way.APISERVER, limit_s=5.0)
    assert run(without_a_quorum(held=0.0), own)[:2] == (True, 0.03)
    waits = without_a_quorum(held=1.0)
    assert run(waits, own, timeout_s=9.0)[:2] == (False, 2.03)
    assert run(waits, replace(own, minds=False), timeout_s=9.0)[:2] == (True, 2.03)
    assert run(waits, replace(own, limit_s=1.0, minds=False), timeout_s=9.0)[:2] == (False, 1.03)


def test_who_waits_for_an_election_passes_once_there_is_a_leader():
    w = World(chain(110, 109, 108), replace(QUICK, held=1.0), Random(2))
    leader = w.etcd.leader
    assert leader is not None
    w.machines[leader].signal("etcd", "KILL")
    other = (leader + 1) % 3
    asks = replace(TRACK, sight=sight(replace(ASK, way=Way.APISERVER, limit_s=5.0)), timeout_s=9.0)
    led_in_s = w.led_in_s(other)
    assert 0.8 <= led_in_s < 2.0  # of a seed whose first vote counts
    passed, took_s, _ = w.tried(other, asks)
    assert passed and took_s == pytest.approx(0.03 + led_in_s)
    assert w.tried(leader, asks)[:2] == (False, 2.03)  # its own is gone


def test_an_error_counts_for_a_script_that_minds():
    w = without_a_quorum()
    w.kernel.run(3.1)
    assert run(w, replace(ASK, way=Way.APISERVER))[:2] == (False, 0.03)
    assert run(w, replace(ASK, way=Way.APISERVER, minds=False))[0]
    assert run(w, replace(ASK, way=Way.APISERVER, asks_ready=False))[0]


def test_a_request_to_the_vip_goes_where_the_vip_is():
    w = world()
    w.machines[0].signal("kube-apiserver", "KILL")
    owner = w.owners[0]
    w.machines[owner].signal("haproxy", "KILL")
    assert w.tried(2, replace(TRACK, sight=sight(replace(ASK, on_owner=True))))[0] is False


def test_all_that_a_script_looks_at_must_pass():
    w = world()
    w.machines[0].signal("kube-apiserver", "KILL")
    assert run(w, Lookup("haproxy"))[0]
    assert not run(w, Lookup("haproxy"), Lookup("kube-apiserver"))[0]


def test_a_request_that_the_load_balancer_answers_itself_needs_no_backend():
    w = world()
    for machine in w.machines:
        machine.signal("kube-apiserver", "KILL")
    assert run(w, replace(ASK, way=Way.PROXY))[0]
    w.machines[0].signal("haproxy", "KILL")
    assert not run(w, replace(ASK, way=Way.PROXY))[0]


def test_only_its_holder_has_the_vip():
    w = world()
    assert [w.tried(place, replace(TRACK, sight=sight(HasVip())))[0] for place in range(3)] == [True, False, False]


@pytest.mark.parametrize("sees", [Elsewhere(Asked("db", 5432)), None])
def test_what_nobody_can_tell_fails_in_half_of_the_worlds_and_only_once_a_daemon_has(sees):
    track = replace(TRACK, sight=sight(sees) if sees else Verdict(None, "nobody knows"))

    def tried(seed: int, kill: bool) -> bool:
        w = World(chain(110, 109, 108), QUICK, Random(seed))
        if kill:
            w.machines[0].signal("haproxy", "KILL")
        assert w.tried(1, track).passed  # of another node
        results = {w.tried(0, track).passed for _ in range(5)}
        assert len(results) == 1
        return results.pop()

    assert all(tried(seed, kill=False) for seed in range(20))
    assert 60 < sum(tried(seed, kill=True) for seed in range(200)) < 140


def test_a_script_may_sleep_past_its_timeout_or_stop_keepalived():
    w = world()
    slow = w.tried(0, replace(TRACK, sight=Verdict(True, slept_s=5.0)))
    assert slow[:2] == (False, TRACK.timeout_s)
    assert w.tried(0, replace(TRACK, sight=Verdict(False, stops=True))).stops
    w.stopped(0)
    assert not w.machines[0].runs("keepalived")
