from itertools import product

import pytest

from harness.model.etcd import FIRST_VOTE_S, SECOND_VOTE_S, quorum_lost, write_gap
from harness.model.failure import Failure, Kind, Standing


def test_a_quorum_is_more_than_half_of_those_that_run():
    three = Standing(None, ("m1", "m2", "m3"))
    assert not quorum_lost(3, three)
    assert not quorum_lost(3, Standing(None, ("m1", "m2")))
    assert quorum_lost(3, Standing(None, ("m1",)))
    assert quorum_lost(3, Standing(None, ("m1", "m2"), (Failure(Kind.ETCD_DEAD, "m2"),)))
    assert not quorum_lost(5, three)


def test_the_gap_is_mostly_the_least_patience_of_all():
    found = write_gap(3, 2)
    assert (found.bounds.min, found.bounds.max) == pytest.approx((0.8, 4.8))
    # By hand, over every pair of patiences, less a tick on average for the phases of tick and heartbeat; ten of the
    # quickest nineteen, who ask after ten ticks, are ignored and come last.
    middle = sorted(min(pair) for pair in product(range(10, 20), repeat=2))[50 + 10] / 10 - 0.1
    assert found.shares_s[1] == pytest.approx(middle, abs=0.1)
    assert FIRST_VOTE_S < found.shares_s[2] < SECOND_VOTE_S  # one in ten needs another vote


def test_more_followers_are_less_patient():
    medians = [write_gap(2 * n - 1, n).shares_s[1] for n in (2, 3, 4)]
    assert medians == sorted(medians, reverse=True)
