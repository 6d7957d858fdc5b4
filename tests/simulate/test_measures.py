"""Measures of a trial drawn by hand."""

import pytest

from harness.simulate.assumed import QUIET_LAB
from harness.simulate.clients import Clients
from harness.simulate.measures import NEVER, Key, measures
from harness.simulate.record import Answer, Record, Struck, View
from tests.simulate.chains import chain

S, R, D = Answer.SERVES, Answer.REFUSES, Answer.DROPS
CHAIN = chain(110, 109, 108)
ALL = (0, 1, 2)


def crash(healed_s=20.0):
    """m1 has the VIP and falls silent at 3 s; m2 is MASTER at 6 s, has it at 6.1; m1 returns and has it at 24 s."""
    dead = (D, S, S)
    return Record(
        struck=[Struck("NodeCrash", 0, 3.0, frozenset({0}), (1, 2), True, True, healed_s)],
        vips=[(0.0, 0, True), (3.0, 0, False), (6.1, 1, True), (24.0, 0, True), (24.25, 1, False)],
        masters=[(6.0, 1), (23.9, 0)],
        signs=[(5.5, 1), (6.0, 1), (23.9, 0)],
        servers=[(14.0, 1, 0, False, True), (14.5, 2, 0, False, True), (22.0, 1, 0, True, True)],
        views=[
            (0.0, View(0, S, ALL, (S, S, S))),
            (3.0, View(None, D, (), dead)),
            (6.2, View(1, S, ALL, dead)),
            (14.0, View(1, S, (1, 2), dead)),
            (20.5, View(1, S, (1, 2), (S, S, S))),
            (24.1, View(0, S, ALL, (S, S, S))),
        ],
        end_s=30.0,
    )


def measured(record):
    row = measures(CHAIN, record, Clients(CHAIN, 1.0, QUIET_LAB), QUIET_LAB)
    return {(key.name, key.haproxy) if key.haproxy else key.name: value for key, value in row.items()}


def test_a_migration_and_its_links_add_up():
    of = measured(crash())
    assert of["vip_migration_s"] == pytest.approx(3.1)
    assert (of["detection_s"], of["election_s"], of["assign_s"]) == pytest.approx((2.5, 0.5, 0.1))
    assert of["failback_s"] == pytest.approx(4)


def test_owners_are_counted_until_the_end_of_what_is_looked_at():
    of = measured(crash())
    assert of["no_master_s"] == pytest.approx(3.1)
    assert of["dual_master_s"] == pytest.approx(0.25)


def test_a_connection_is_reset_at_once_where_a_living_owner_gives_up_its_vip():
    record = crash()
    record.struck = [Struck("NodeCrash", 2, 3.0, frozenset({0}), (0, 1), True, True, 20.0)]
    record.views = [
        (0.0, View(0, S, ALL, (S, S, S))),
        (3.0, View(0, S, ALL, (S, S, D))),
        (8.3, View(1, S, (0, 1), (S, S, D))),
    ]
    assert measured(record)["kept_stall_s"] == pytest.approx(5.3)


def test_what_clients_lost():
    of = measured(crash())
    assert of["blackout_s"] == pytest.approx(3.2)
    assert of["lost_s"] == pytest.approx(3.2 + (14 - 6.2) / 3)
    assert of["error_rate"] == pytest.approx(of["lost_s"] / 30)


def test_evictions_by_haproxy_and_what_never_came():
    of = measured(crash())
    assert of["eviction_s", "m2"] == pytest.approx(11)
    assert of["eviction_s", "m3"] == pytest.approx(11.5)
    assert of["readmission_s", "m2"] == pytest.approx(2)
    assert of["readmission_s", "m3"] == NEVER


def test_a_haproxy_that_restarts_takes_a_server_for_up_and_that_is_no_readmission():
    record = crash()
    record.servers.append((23.0, 2, 0, True, False))
    assert ("readmission_s", "m3") not in measured(record)
    record.servers += [(24.0, 2, 0, False, True), (27.0, 2, 0, True, True)]
    assert measured(record)["readmission_s", "m3"] == pytest.approx(7)


def test_one_that_came_too_late_never_came():
    of = measured(crash(healed_s=14.2))
    assert of["eviction_s", "m3"] == NEVER
    assert ("readmission_s", "m3") not in of


def test_a_busy_connection_is_reset_by_the_first_segment_sent_again():
    of = measured(crash())
    assert of["kept_stall_s"] == pytest.approx(6.2)  # after 0.2, 0.6, 1.4, 3.0: the next is the first since 3.2 s
    record = crash()
    record.views[2] = (5.9, record.views[2][1])
    assert measured(record)["kept_stall_s"] == pytest.approx(3.0)


def test_a_dead_haproxy_resets_at_once_and_a_vip_that_stays_nothing():
    record = Record(
        struck=[Struck("ProcessKill", 0, 3.0, frozenset({0}), (1, 2), False, False)],
        vips=[(0.0, 0, True)],
        views=[(0.0, View(0, S, ALL, (S, S, S))), (3.0, View(0, R, ALL, (S, S, S)))],
        end_s=12.0,
    )
    of = measured(record)
    assert of["kept_stall_s"] == 0
    assert of["vip_migration_s"] == NEVER
    assert of["blackout_s"] == NEVER  # not over when the trial was
    assert "failback_s" not in of and "detection_s" not in of
    record.views[1:] = []
    assert "kept_stall_s" not in measured(record)


def test_a_fault_beside_the_vip_moves_nothing():
    record = crash()
    record.struck[0].owners = frozenset({1})
    assert "vip_migration_s" not in measured(record)


def test_each_fault_is_looked_at_until_the_next():
    record = crash()
    record.struck.append(Struck("ProcessKill", 1, 10.0, frozenset({1}), (2,), False, False))
    row = measures(CHAIN, record, Clients(CHAIN, 1.0, QUIET_LAB), QUIET_LAB)
    assert row[Key(0, "lost_s")] == pytest.approx(3.2 + (10 - 6.2) / 3)
    assert row[Key(1, "lost_s")] == pytest.approx((14 - 10) / 3)
    assert row[Key(0, "dual_master_s")] == 0
