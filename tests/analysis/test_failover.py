import pytest

from harness.analysis.failover import failover
from harness.analysis.faults import faults
from harness.analysis.owners import tenures
from harness.clock import Bounds, unended
from tests.drawn import Drawn, crash_of_owner, freeze_of_owner


def measured(drawn: Drawn, index: int = 0):
    history = drawn.history()
    found = faults(history)
    return failover(history, found[index], tenures(history, found))


def test_a_migration_has_the_fault_and_the_arrival_as_its_ends():
    result = measured(crash_of_owner())
    assert result.new_owner == "m2"
    assert result.vip_migration_s == Bounds(2.998, 3.0)
    assert result.failback_s == Bounds(2.6, 3.001)


def test_what_never_moved_is_at_least_as_long_as_it_was_broken():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m1", "haproxy")
    d.heal(13, "m1")
    d.probes(0, 20)
    result = measured(d)
    assert unended(result.vip_migration_s)
    assert result.vip_migration_s.min == pytest.approx(9.999)
    assert result.new_owner is None
    assert result.failback_s is None


def test_who_resumes_has_the_vip_back_at_once_unless_it_gives_way():
    assert measured(freeze_of_owner()).failback_s == Bounds(0.0, 0.001)
    failback = measured(freeze_of_owner(gives_way="m1")).failback_s
    assert isinstance(failback, Bounds) and unended(failback) and failback.min == pytest.approx(9.989)


def test_a_fault_on_another_node_has_no_migration():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m2", "kube-apiserver")
    d.probes(0, 10)
    result = measured(d)
    assert result.vip_migration_s is None
    assert result.failback_s is None


def test_a_node_that_is_home_and_never_came_back_owes_its_failback():
    d = Drawn()
    d.vip(-5, "m1")
    d.crash(3, "m1")
    d.vip(6, "m2")
    d.starts(10, "m1", "node")
    d.heal(10.1, "m1")
    d.probes(0, 20)
    assert unended(measured(d).failback_s)


def test_who_was_up_first_and_had_the_vip_for_a_moment_is_not_its_home():
    """m2 starts before m1 and is MASTER until it hears it; then both die, and m1 takes the VIP back from m2 at once."""
    d = Drawn()
    d.vip(-6, "m2")
    d.vip(-5, "m2", present=False)
    d.vip(-5, "m1")
    d.crash(3, "m1", 0)
    d.vip(6, "m2")
    d.crash(10, "m2", 1)
    d.vip(13, "m3")
    d.starts(20, "m2", "node")
    d.heal(20.1, "m2", 1)
    d.starts(20.3, "m1", "node")
    d.heal(20.4, "m1", 0)
    d.vip(24, "m3", present=False)
    d.vip(24, "m2")
    d.vip(26, "m1")
    d.vip(26.01, "m2", present=False)
    d.probes(0, 30)
    assert measured(d, 1).failback_s is None
    assert measured(d, 0).failback_s == Bounds(5.599, 5.7)  # from power on, or from when its agent could say so
