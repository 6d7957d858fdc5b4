from dataclasses import replace
from random import Random

import pytest

from harness.faults.network import Partition
from harness.faults.node import NodeCrash, NodeFreeze
from harness.faults.process import ProcessKill
from harness.simulate.assumed import QUIET_LAB
from harness.simulate.measures import Key
from harness.simulate.world import World
from harness.steps import Heal, Hold, Inject, Step
from tests.simulate.chains import EXACT, OTHER, OWNER, TRACK, Signal, chain, is_uniform, struck, values

NEVER = float("inf")


def skew_s(priority):
    return (256 - priority) / 256


def test_a_silent_death_takes_the_master_down_time_less_the_age_of_the_last_advert():
    found = struck(chain(110, 109, 108), NodeCrash(OWNER), 5)
    assert is_uniform(values(found, "vip_migration_s"), 2 + skew_s(111), 3 + skew_s(111))


def test_in_version_3_the_skew_is_scaled_by_the_advert_interval():
    found = struck(chain(110, 109, version=3, advert_int_s=0.1), NodeCrash(OWNER), 2)
    assert is_uniform(values(found, "vip_migration_s"), 0.2 + 0.1 * skew_s(111), 0.3 + 0.1 * skew_s(111))


def test_more_adverts_may_be_missed():
    found = struck(chain(110, 109, down_timer_adverts=5), NodeCrash(OWNER), 9)
    assert is_uniform(values(found, "vip_migration_s"), 4 + skew_s(111), 5 + skew_s(111))


def test_an_owner_that_is_stopped_says_so_and_only_the_skew_is_waited():
    found = struck(chain(110, 109, 108), Signal("keepalived", "TERM"), 3)
    assert values(found, "vip_migration_s") == pytest.approx([skew_s(111)] * 400, abs=1e-5)
    assert found.moved[0] == {"m2": 400}


def test_a_weight_of_0_means_fault_and_the_vip_is_given_up_with_a_word():
    weightless = chain(110, 109, tracks=(replace(TRACK, weight=0),))
    migrations = values(struck(weightless, ProcessKill("haproxy", OWNER), 6), "vip_migration_s")
    assert is_uniform([m - skew_s(109) for m in migrations], 0, 3)


def test_a_lower_priority_is_not_listened_to_and_the_timer_runs_on():
    found = struck(chain(110, 109, 108), ProcessKill("haproxy", OWNER), 8)
    assert [m - d for m, d in paired(found)] == pytest.approx([2 + skew_s(111)] * 400, abs=1e-5)
    detections = values(found, "detection_s")
    assert detections[0] >= 0 and detections[-1] <= 4
    # A uniform run of the script, then a uniform next advert: their mean.
    assert sum(detections) / 400 == pytest.approx(2.0, abs=0.1)


def test_where_all_have_started_together_checks_and_adverts_keep_their_distance():
    together = replace(EXACT, together=True)
    found = struck(chain(110, 109, 108), ProcessKill("haproxy", OWNER), 8, assumed=together)
    # The first advert came a master-down time after the first run of the script, and so each later one.
    assert is_uniform(values(found, "detection_s"), skew_s(110), 3 + skew_s(110))
    assert found.struck[0] == {"m1": 400}


def paired(found):
    by = {key.name: list(column) for key, column in found.values.items() if key.fault == 0 and not key.haproxy}
    return list(zip(by["vip_migration_s"], by["detection_s"], strict=True))


@pytest.mark.parametrize("backup", [108, 107, 99])
def test_a_backup_that_is_not_strictly_stronger_never_takes_over(backup):
    found = struck(chain(110, backup), ProcessKill("haproxy", OWNER), 12, trials=100)
    assert values(found, "vip_migration_s") == [NEVER] * 100


def test_nopreempt_with_a_weight_never_takes_over():
    found = struck(chain(110, 109, preempts=False), ProcessKill("haproxy", OWNER), 12, trials=100)
    assert values(found, "vip_migration_s") == [NEVER] * 100
    assert values(struck(chain(110, 109, preempts=False), NodeCrash(OWNER), 5, trials=100), "vip_migration_s")[-1] < 4


def test_preempt_delay_delays_failover_too():
    found = struck(chain(110, 109, preempt_delay_s=10.0), ProcessKill("haproxy", OWNER), 22)
    after = sorted(m - d for m, d in paired(found))
    # From the first lower advert on lower ones count for ten seconds; the last of them starts the timer.
    assert 10 + 2 + skew_s(111) - 0.001 <= after[0] and after[-1] <= 10 + 3 + skew_s(111) + 0.001


def test_a_daemon_that_was_killed_leaves_its_address_and_two_have_it():
    found = struck(chain(110, 109), Signal("keepalived", "KILL"), 6)
    migrations = values(found, "vip_migration_s")
    assert is_uniform(migrations, 2 + skew_s(111), 3 + skew_s(111))
    assert values(found, "dual_master_s")[0] == pytest.approx(6 - migrations[-1], abs=1e-6)
    assert values(found, "no_master_s")[-1] == 0


def test_one_that_was_stopped_and_goes_on_drives_the_other_out():
    found = struck(chain(110, 109), Signal("keepalived", "STOP"), 6, then=[Heal(), Hold(3)])
    # From the other's MASTER to the healing, which comes at a random moment of the slowest period, 4 s.
    assert values(found, "dual_master_s")[0] > 6 - 3.57
    assert values(found, "dual_master_s")[-1] < 6 + 4 - 2.56
    assert "failback_s" not in {key.name for key in found.values}  # it had never lost it


def test_a_node_that_returns_preempts_after_its_own_master_down_time():
    found = struck(chain(110, 109), NodeCrash(OWNER), 6, then=[Heal(), Hold(8)])
    back = values(found, "failback_s")
    # Its scripts pass at once: it is stronger from the start, and starts as BACKUP with its base priority.
    assert back == pytest.approx([3 + skew_s(110)] * 400, abs=1e-4)


def test_a_node_that_stood_still_has_its_vip_again_at_once_preemption_or_not():
    for preempts in (True, False):
        of = chain(110, 109, preempts=preempts)
        found = struck(of, NodeFreeze(OWNER), 6, trials=50, then=[Heal(), Hold(8)], assumed=QUIET_LAB)
        assert values(found, "failback_s") == [0] * 50
        assert values(found, "dual_master_s")[0] > 0.0006 and values(found, "dual_master_s")[-1] < 0.01
        assert values(found, "no_master_s")[0] > 2.5


def test_a_weaker_one_that_stood_still_gives_way_and_that_is_no_return():
    freeze: list[Step] = [Inject(NodeFreeze(OWNER)), Hold(6), Heal(), Hold(8)]
    found = struck(chain(110, 100, 90, preempts=False), NodeCrash(OWNER), 8, 50, [Heal(), Hold(12), *freeze], QUIET_LAB)
    assert (found.struck[1], found.moved[1]) == ({"m2": 50}, {"m1": 50})
    assert values(found, "dual_master_s", fault=1)[0] > 0 and values(found, "dual_master_s", fault=1)[-1] < 0.01
    assert Key(1, "failback_s") not in found.values
    assert values(found, "blackout_s", fault=1)[-1] < 3.6  # m1 was known to have it all the while


def test_who_comes_back_unaware_tells_no_client_and_they_find_out_or_are_told_by_the_refresh():
    three, after = chain(110, 109, 108), (Heal(), Hold(70))
    untold = values(struck(three, NodeFreeze(OWNER), 12, 200, after), "blackout_s")
    assert is_uniform(untold, *EXACT.asks_anew_s)
    moving = chain(110, 109, 108, moves_mac=True)
    assert values(struck(moving, NodeFreeze(OWNER), 12, 200, after), "blackout_s")[-1] < 3.6
    refreshed = chain(110, 109, 108, garp_refresh_s=20.0)
    # Healing comes 12–16 s after the fault: of a period of 20 s there are 8 left at most.
    assert 3.6 < values(struck(refreshed, NodeFreeze(OWNER), 12, 200, after), "blackout_s")[-1] < 8
    assert values(struck(refreshed, NodeFreeze(OWNER), 20, 200, after), "blackout_s")[-1] < 3.6


def test_who_comes_back_unaware_as_the_other_falls_silent_is_found_too():
    world = World(chain(110, 109, 108), EXACT, Random(1))
    first, second, _ = world.machines
    first.freeze()
    world.kernel.run(world.kernel.now + 4)
    second.cut_off()
    first.thaw()
    world.kernel.run(world.kernel.now + 60)
    assert (world.owners, world.reached) == ([0], 0)


def test_a_backup_that_stood_still_believes_for_a_moment_that_all_others_are_gone():
    found = struck(chain(110, 109, 108), NodeFreeze(OTHER), 9, 50, [Heal(), Hold(8)], QUIET_LAB)
    assert values(found, "dual_master_s")[0] > 0 and values(found, "dual_master_s")[-1] < 0.01
    assert values(found, "blackout_s")[-1] < 5  # while etcd elects, if m2 led it


def test_whose_adverts_no_longer_pass_keeps_the_vip_beside_who_takes_it_over():
    parted = struck(chain(110, 109, 108), Partition(OWNER, "vrrp"), 6, 200, [Heal(), Hold(70)], QUIET_LAB)
    assert parted.moved[0]["m2"] > 180  # timers fire late: m3 waits 4 ms longer, and is first now and then
    assert is_uniform(values(parted, "vip_migration_s"), 2.566, 3.58)
    assert values(parted, "no_master_s") == [0.0] * 200
    assert values(parted, "dual_master_s")[0] > 6 - 3.58 and values(parted, "dual_master_s")[-1] < 6 + 4 + 1 - 2.56
    # Who speaks first once they hear each other again: m2, and m1 announces the VIP anew; or m1, and nobody does.
    dark = values(parted, "blackout_s")
    assert 40 < sum(value < 1 for value in dark) < 160
    assert dark[-1] > 10


def test_who_is_not_heard_and_hears_the_other_announces_itself_again_and_again():
    muted = struck(chain(110, 109, 108), Partition(OWNER, "vrrp", "out"), 6, 50, [Heal(), Hold(70)], QUIET_LAB)
    assert sum(muted.moved[0].values()) == 50
    assert values(muted, "blackout_s")[-1] < 1  # clients have been told that it is m1's all the while
    deaf = struck(chain(110, 109, 108), Partition(OWNER, "vrrp", "in"), 6, 50, [Heal(), Hold(70)], QUIET_LAB)
    assert not deaf.moved.get(0)


def test_without_preemption_nothing_comes_back():
    found = struck(chain(110, 109, preempts=False), NodeCrash(OWNER), 6, trials=50, then=[Heal(), Hold(12)])
    assert values(found, "failback_s") == [NEVER] * 50


def test_two_backups_a_few_milliseconds_apart_may_both_take_over():
    crowded = replace(QUIET_LAB, late_s_mean=0.02)
    found = struck(chain(110, 109, 108), NodeCrash(OWNER), 12, assumed=crowded)
    assert found.moved[0]["m3"] > 10
    assert found.moved[0]["m2"] > found.moved[0]["m3"]
    assert values(found, "dual_master_s")[-1] > 0.003
    # The weaker one gives way, and no owner is lost by that.
    assert values(found, "no_master_s")[-1] < 3.7


def test_who_gives_way_may_have_announced_itself_last_and_clients_wait_for_the_second_announcement():
    crowded = replace(QUIET_LAB, late_s_mean=0.02)
    found = struck(chain(110, 109, 108, garp_again_s=8.0), NodeCrash(OWNER), 20, trials=1500, assumed=crowded)
    misrouted = [blackout for blackout in values(found, "blackout_s") if blackout > 3.75]
    assert 3 < len(misrouted) < 75
    assert all(blackout == pytest.approx(8, abs=0.02) for blackout in misrouted)


def test_255_is_no_scripts_to_change():
    owners = chain(255, 109)
    assert values(struck(owners, ProcessKill("haproxy", OWNER), 9, trials=20), "vip_migration_s") == [NEVER] * 20


def test_nothing_late_makes_no_difference_that_an_operator_would_see():
    exact = values(struck(chain(110, 109, 108), NodeCrash(OWNER), 5), "vip_migration_s")
    quiet = values(struck(chain(110, 109, 108), NodeCrash(OWNER), 5, assumed=QUIET_LAB), "vip_migration_s")
    assert sum(quiet) / 400 - sum(exact) / 400 == pytest.approx(0.003, abs=0.06)


def test_adverts_that_are_not_played_are_as_if_they_had_been():
    for seed in range(30):
        moments = []
        for often in (False, True):
            world = World(chain(110, 109, 108), EXACT, Random(seed))
            for number in range(1, 60):
                world.kernel.run(number * 0.37)
                if often:
                    world.resume_adverts()
            world.machines[0].cut_off()
            world.kernel.run(40)
            moments.append([at_s for at_s, *_ in world.record.vips])
        assert moments[0] == pytest.approx(moments[1], abs=1e-6)
        assert 2.56 < moments[0][-1] - 59 * 0.37 < 3.57
