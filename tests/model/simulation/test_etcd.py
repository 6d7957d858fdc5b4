from dataclasses import replace
from random import Random

import pytest

from harness.model.simulation.record import Answer
from harness.model.simulation.world import World
from tests.model.chains import EXACT, chain

THREE, FIVE = chain(110, 109, 108), chain(112, 111, 110, 109, 108)


def elections(of, trials=3000, **assumed):
    """How long reads waited after the leader's process was killed, over many trials."""
    lasted = []
    for seed in range(trials):
        world = World(of, replace(EXACT, **assumed), Random(seed))
        leader = world.etcd.leader
        world.machines[leader].signal("etcd", "KILL")
        alive = next(place for place in range(len(of.nodes)) if place != leader)
        assert world.answers[leader] is Answer.ERRS
        assert world.answers[alive] is Answer.WAITS
        world.kernel.run(10)
        served = next(t for t, view in world.record.views if t > 0 and view.answers[alive] is Answer.SERVES)
        lasted.append(served)
        assert world.etcd.leader not in (None, leader)
    return sorted(lasted)


def test_a_new_leader_is_there_within_an_election_timeout():
    lasted = elections(THREE, vote_s=0.0, heartbeat_s=0.0)
    assert lasted[0] >= 1.0 and lasted[-1] <= 2.0
    # The lesser of two draws from [1, 2): its mean is a third, its distribution 1 - (1 - x)².
    assert sum(lasted) / len(lasted) == pytest.approx(4 / 3, abs=0.02)
    distance = max(abs(i / len(lasted) - (1 - (2 - t) ** 2)) for i, t in enumerate(lasted))
    assert distance * len(lasted) ** 0.5 < 1.95


def test_with_more_members_it_is_there_sooner():
    lasted = elections(FIVE, trials=1500, vote_s=0.0, heartbeat_s=0.0)
    assert sum(lasted) / len(lasted) == pytest.approx(1 + 1 / 5, abs=0.02)  # the least of four


def test_the_last_heartbeat_was_up_to_a_tenth_of_a_second_ago():
    lasted = elections(THREE, trials=1000, vote_s=0.0)
    assert 0.9 <= lasted[0] < 1.0


def test_votes_that_are_split_cost_another_timeout():
    lasted = elections(THREE, trials=1500, vote_s=0.05)
    split = sum(t > 2.05 for t in lasted) / len(lasted)
    # Two draws within 0.05 s of each other: 2 × 0.05 - 0.05², less what the heartbeats add to their distance.
    assert 0.05 < split < 0.11


def test_a_follower_is_not_missed():
    world = World(THREE, EXACT, Random(1))
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
