from dataclasses import replace
from random import Random

import pytest

from harness.model.probes import Lookup, Request, Way
from harness.model.simulation.world import World
from tests.model.chains import EXACT, TRACK, chain

QUICK = replace(EXACT, request_s=(0.03, 0.03), lookup_s=(0.01, 0.01))
ASK = Request(way=Way.BALANCER, minds=True, asks_ready=True, connects=False, limit_s=2.0)


def world(balance=None):
    return World(chain(110, 109, 108, balance=balance), QUICK, Random(1))


def run(of, *probes, **changes):
    return of.probing.run(0, replace(TRACK, probes=probes, **changes))


def test_a_lookup_sees_a_process_that_hangs_and_not_one_that_is_gone():
    w = world()
    assert run(w, Lookup("haproxy")) == (True, 0.01)
    w.machines[0].signal("haproxy", "STOP")
    assert run(w, Lookup("haproxy"))[0]
    w.machines[0].signal("haproxy", "KILL")
    assert not run(w, Lookup("haproxy"))[0]


def test_of_processes_outside_the_chain_nothing_is_known():
    assert run(world(), Lookup("sshd"))[0]


def test_a_request_sees_a_haproxy_that_hangs_and_waits_for_its_limit():
    w = world()
    assert run(w, ASK) == (True, 0.03)
    w.machines[0].signal("haproxy", "STOP")
    assert run(w, ASK) == (False, 2.0)
    assert run(w, replace(ASK, connects=True)) == (True, 0.03)
    w.machines[0].signal("haproxy", "KILL")
    assert run(w, ASK) == (False, 0.03)


def test_keepalived_ends_a_script_at_its_timeout():
    w = world()
    w.machines[0].signal("haproxy", "STOP")
    assert run(w, ASK, timeout_s=1.0) == (False, 1.0)
    assert run(w, replace(ASK, limit_s=float("inf"))) == (False, 3.0)


@pytest.mark.parametrize(("balance", "share"), [(None, 2 / 3), ({"redispatches": True}, 1.0)])
def test_a_request_through_haproxy_meets_a_dead_backend_as_a_client_does(balance, share):
    w = world(balance)
    w.machines[1].signal("kube-apiserver", "KILL")
    passed = [run(w, ASK)[0] for _ in range(3000)]
    assert sum(passed) / 3000 == pytest.approx(share, abs=0.03)


def test_an_error_counts_for_a_script_that_minds():
    w = world()
    for machine in w.machines[1:]:
        machine.signal("etcd", "KILL")
    w.machines[0].signal("etcd", "STOP")
    ok, took_s = run(w, replace(ASK, way=Way.APISERVER))
    assert not ok
    assert took_s == pytest.approx(1.03)  # it waits for etcd first
    assert run(w, replace(ASK, way=Way.APISERVER, minds=False))[0]
    assert run(w, replace(ASK, way=Way.APISERVER, asks_ready=False))[0]


def test_a_request_to_the_vip_goes_where_the_vip_is():
    w = world()
    w.machines[0].signal("kube-apiserver", "KILL")
    owner = w.owners[0]
    w.machines[owner].signal("haproxy", "KILL")
    assert w.probing.run(2, replace(TRACK, probes=(replace(ASK, way=Way.VIP),)))[0] is False


def test_all_that_a_script_looks_at_must_pass():
    w = world()
    w.machines[0].signal("kube-apiserver", "KILL")
    assert run(w, Lookup("haproxy"))[0]
    assert not run(w, Lookup("haproxy"), Lookup("kube-apiserver"))[0]
