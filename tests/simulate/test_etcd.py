from random import Random

import pytest

from bench.ks import agreement
from harness.chain import raft
from harness.simulate.record import Answer
from harness.simulate.world import World
from tests.simulate.chains import EXACT, chain

THREE, FIVE = chain(110, 109, 108), chain(112, 111, 110, 109, 108)


def elections(of, trials=3000):
    """How long reads waited after the leader's process was killed, over many trials."""
    lasted = []
    for seed in range(trials):
        world = World(of, EXACT, Random(seed))
        leader = world.etcd.leader
        assert leader is not None
        world.machines[leader].signal("etcd", "KILL")
        alive = next(place for place in range(len(of.nodes)) if place != leader)
        assert world.answers[leader] is Answer.ERRS_UNTOLD
        assert world.answers[alive] is Answer.WAITS_UNTOLD
        world.kernel.run(10)
        served = next(t for t, view in world.record.views if t > 0 and view.answers[alive] is Answer.SERVES)
        lasted.append(served)
        assert world.etcd.leader not in (None, leader)
    return sorted(lasted)


def test_elections_are_played_by_the_same_rules_as_they_are_predicted_by():
    """Two thousand in the simulation and as many drawn for the prediction are of one distribution."""
    lasted = elections(THREE, trials=2000)
    draw = Random(7)
    drawn = [raft.elect(3, 2, draw).took_s - draw.uniform(0.0, raft.TICK_S) for _ in range(2000)]
    assert agreement(lasted, drawn).p > 0.01
    late = [sum(t > 2.0 for t in times) / len(times) for times in (lasted, drawn)]
    assert late == pytest.approx([0.084, 0.084], abs=0.025)


def test_with_more_members_it_is_there_sooner():
    five, three = (sum(found) / len(found) for found in (elections(FIVE, 800), elections(THREE, 800)))
    assert five < three


def test_the_last_heartbeat_was_up_to_a_tenth_of_a_second_ago():
    assert elections(THREE, trials=1000)[0] >= (raft.LEASE - 2) * raft.TICK_S


def test_a_follower_is_not_missed():
    world = World(THREE, EXACT, Random(1))
    assert world.etcd.leader is not None
    follower = (world.etcd.leader + 1) % 3
    world.machines[follower].signal("etcd", "KILL")
    assert [a is Answer.SERVES for a in world.answers].count(True) == 2


def test_two_of_three_are_a_quorum_and_one_is_none():
    world = World(THREE, EXACT, Random(1))
    for place in (0, 1):
        world.machines[place].cut_off()
    world.kernel.run(20)
    assert world.etcd.leader is None
    assert world.answers == [Answer.DROPS, Answer.DROPS, Answer.WAITS]
    world.machines[0].power_on()
    world.kernel.run(20 + 2.01)
    assert world.etcd.leader in (0, 2)
    assert world.answers == [Answer.SERVES, Answer.DROPS, Answer.SERVES]
