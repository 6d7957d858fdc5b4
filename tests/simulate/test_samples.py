import math

import pytest

from harness.simulate.measures import NEVER, Key
from harness.simulate.samples import Samples, binned, quantile

KEY = Key(0, "vip_migration_s")


def samples(*values):
    of = Samples(trials=len(values))
    for value in values:
        of.add({KEY: value})
    return of


def test_a_distribution():
    of = samples(*(float(n) for n in range(100, 0, -1))).distribution(KEY, bins=4)
    assert (of.n, of.never, of.least, of.p5, of.p50, of.p95, of.most) == (100, 0, 1, 5, 50, 95, 100)
    assert of.mean == pytest.approx(50.5)
    assert of.counts == [25, 25, 25, 25]


def test_what_never_came_is_infinitely_far_and_not_in_the_mean():
    of = samples(1.0, 3.0, NEVER, NEVER).distribution(KEY, bins=2)
    assert (of.never, of.least, of.p50, of.p95, of.most, of.mean) == (2, 1, 3, NEVER, NEVER, 2)
    assert of.counts == [1, 1]
    nothing = samples(NEVER, NEVER).distribution(KEY)
    assert (nothing.never, nothing.least, nothing.mean, nothing.counts) == (2, NEVER, NEVER, [])


def test_the_sample_of_a_faults_migrations_is_given_whole():
    assert samples(3.0, NEVER, 1.0).vip_migration_s(0) == [1.0, 3.0, NEVER]
    assert samples(3.0).vip_migration_s(1) == []


def test_joined_samples_are_those_of_all_trials():
    one, other = samples(1.0, 2.0), samples(3.0)
    other.add({Key(None, "error_rate"): 0.5})
    one.join(other)
    assert one.trials == 3
    assert list(one.values[KEY]) == [1.0, 2.0, 3.0]
    assert list(one.values[Key(None, "error_rate")]) == [0.5]


def test_quantiles_are_values_of_the_sample():
    assert [quantile([1, 2, 3, 4], share) for share in (0, 0.25, 0.26, 0.5, 1)] == [1, 1, 2, 2, 4]


def test_bins_hold_every_value_once():
    assert binned([0.0, 0.0, 1.0], 3) == [2, 0, 1]
    assert binned([2.0, 2.0], 5) == [2]
    assert binned([], 5) == []
    values = sorted(math.sin(n) for n in range(1000))
    assert sum(binned(values, 7)) == 1000
