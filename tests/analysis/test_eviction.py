from harness.analysis.blame import blame, causes
from harness.analysis.eviction import evictions
from harness.analysis.faults import faults
from harness.analysis.owners import tenures
from harness.clock import Bounds, at_least
from tests.drawn import BACKENDS, Drawn, crash_of_owner


def rows(drawn: Drawn, index: int = 0):
    history = drawn.history()
    found = faults(history)
    held = tenures(history, found)
    blamed = blame(history, causes(history, found, held, BACKENDS))
    return evictions(history, found[index], found, BACKENDS, held, blamed)


def test_every_haproxy_that_ran_has_a_row_for_the_dead_backend():
    m2, m3 = rows(crash_of_owner())
    assert (m2.haproxy, m2.backend, m2.reason) == ("m2", "master", "L4TOUT")
    assert m2.eviction_s == Bounds(10.479, 10.5)
    assert m2.readmission_s == Bounds(2.079, 2.5)
    assert m3.haproxy == "m3"


def test_the_way_to_an_eviction_and_the_last_client_that_it_cost():
    d = crash_of_owner()
    d.failed_check(8, "m2", "master")
    d.failed_check(9, "m2", "master")
    d.probe(13.4, error="tls", took_s=1.0)
    m2, m3 = rows(d)
    assert m2.first_failed_check_s == Bounds(4.979, 5.0)
    assert m2.last_error_s == 11.4
    assert (m3.first_failed_check_s, m3.last_error_s) == (None, None)  # it never had the VIP


def test_a_haproxy_that_never_noticed_took_at_least_as_long_as_the_fault():
    d = Drawn()
    d.server(-1, "m2", "master", "UP", initial=True)
    d.kill(3, "m1", "kube-apiserver")
    d.heal(9, "m1")
    d.probes(0, 12)
    (row,) = rows(d)
    assert row.eviction_s == at_least(5.999)
    assert row.readmission_s is None


def test_the_haproxy_of_an_earlier_dead_node_is_no_witness():
    d = Drawn()
    for haproxy in ("m1", "m2", "m3"):
        d.server(-1, haproxy, "master1", "UP", initial=True)
    d.crash(3, "m1", index=0)
    d.crash(10, "m2", index=1)
    d.server(20, "m3", "master1", "DOWN")
    d.probes(0, 30)
    assert [(r.haproxy, r.backend) for r in rows(d, 1)] == [("m3", "master1")]


def test_a_dead_haproxy_takes_no_backend_with_it():
    d = Drawn()
    d.kill(3, "m1", "haproxy")
    d.probes(0, 5)
    assert rows(d) == []


def test_a_haproxy_that_was_started_anew_has_nobody_to_put_back():
    d = Drawn()
    d.server(-1, "m3", "master", "UP", initial=True)
    d.crash(3, "m1")
    d.server(9, "m3", "master", "DOWN")
    d.server(12, "m3", "master", "UP", initial=True)
    d.heal(13, "m1")
    d.probes(0, 20)
    (row,) = rows(d)
    assert row.eviction_s is not None
    assert row.readmission_s is None
    d.server(14, "m3", "master", "DOWN")
    d.server(17, "m3", "master", "UP")
    (row,) = rows(d)
    assert row.readmission_s == Bounds(3.979, 4.0)
