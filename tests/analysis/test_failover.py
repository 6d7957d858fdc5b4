import pytest

from harness.analysis.failover import failover
from harness.analysis.faults import faults
from harness.analysis.owners import tenures
from harness.clock import AtLeast, Bounds
from tests.drawn import VIP, Drawn, crash_of_owner


def measured(drawn: Drawn, index: int = 0):
    history = drawn.history()
    found = faults(history)
    return failover(history, found[index], tenures(history, found))


def test_a_migration_has_the_fault_and_the_arrival_as_its_ends():
    result = measured(crash_of_owner())
    assert result.new_owner == "m2"
    assert result.vip_migration_s == Bounds(2.999, 3.0)
    assert result.detection_s == Bounds(2.998, 2.999)
    assert result.failback_s == Bounds(2.6, 3.001)


def test_what_never_moved_is_at_least_as_long_as_it_was_broken():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m1", "haproxy")
    d.heal(13, "m1")
    d.probes(0, 20)
    result = measured(d)
    assert result.vip_migration_s == AtLeast(pytest.approx(9.999))
    assert result.new_owner is None
    assert result.failback_s is None


def test_a_fault_on_another_node_has_no_migration():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m2", "kube-apiserver")
    d.probes(0, 10)
    result = measured(d)
    assert result.vip_migration_s is None
    assert result.failback_s is None


def test_a_changed_priority_in_an_advert_is_a_sign_of_detection():
    d = Drawn()
    d.vip(-5, "m1")
    for t, priority in ((1, 112), (2, 112), (3.5, 112), (4.5, 110), (5.5, 110)):
        d.event(t, "m1", "wire.advert", "wire", source="198.18.0.11", vrid=60, priority=priority)
    d.kill(3, "m1", "haproxy")
    d.state(6, "m2", "MASTER")
    d.vip(6.001, "m2")
    d.probes(0, 10)
    assert measured(d).detection_s == Bounds(1.499, 1.5)


def test_what_the_silenced_node_itself_notices_is_no_detection():
    d = crash_of_owner()
    d.state(3.0005, "m1", "FAULT")
    assert measured(d).detection_s == Bounds(2.998, 2.999)


def test_the_announcement_is_the_first_gratuitous_arp_on_the_clients_wire():
    d = crash_of_owner()
    for t, node, ip, gratuitous in (
        (5.5, "client", VIP, True),
        (6.0002, "m3", VIP, True),
        (6.0003, "client", "198.18.0.12", True),
        (6.0004, "client", VIP, False),
        (6.0005, "client", VIP, True),
    ):
        d.event(t, node, "wire.arp", "wire", ip=ip, gratuitous=gratuitous)
    assert measured(d).announce_s == pytest.approx(0.0005)


def test_without_an_announcement_it_took_at_least_until_the_end():
    assert isinstance(measured(crash_of_owner()).announce_s, AtLeast)


def test_a_node_that_is_home_and_never_came_back_owes_its_failback():
    d = Drawn()
    d.vip(-5, "m1")
    d.crash(3, "m1")
    d.vip(6, "m2")
    d.starts(10, "m1", "node")
    d.heal(10.1, "m1")
    d.probes(0, 20)
    assert isinstance(measured(d).failback_s, AtLeast)
