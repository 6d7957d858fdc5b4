from itertools import product

import pytest

from harness.chain.failure import Failure, Kind, Standing
from harness.predict.etcd import FIRST_VOTE_S, SECOND_VOTE_S, write_gap
from tests.predict.made import ends, median_s


def test_a_quorum_is_more_than_half_of_those_that_run():
    members = ("m1", "m2", "m3")
    three = Standing(None, members)
    assert three.quorum(members)
    assert Standing(None, ("m1", "m2")).quorum(members)
    assert not Standing(None, ("m1",)).quorum(members)
    assert not Standing(None, ("m1", "m2"), (Failure(Kind.ETCD_DEAD, "m2"),)).quorum(members)
    assert three.quorum(("m1", "m2", "m3", "m4", "m5"))


def test_the_gap_is_mostly_the_least_patience_of_all():
    found = write_gap(3, 2)
    assert ends(found) == pytest.approx((0.8, 4.8))
    # By hand, over every pair of patiences, less a tick on average for the phases of tick and heartbeat; ten of the
    # quickest nineteen, who ask after ten ticks, are ignored and come last.
    middle = sorted(min(pair) for pair in product(range(10, 20), repeat=2))[50 + 10] / 10 - 0.1
    assert median_s(found) == pytest.approx(middle, abs=0.1)
    assert found.shares_s is not None
    assert FIRST_VOTE_S < found.shares_s[2] < SECOND_VOTE_S  # one in ten needs another vote


def test_more_followers_are_less_patient():
    medians = [median_s(write_gap(2 * n - 1, n)) for n in (2, 3, 4)]
    assert medians == sorted(medians, reverse=True)
