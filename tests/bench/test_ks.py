import random

import pytest

from bench.ks import agreement

NEVER = float("inf")


@pytest.mark.parametrize(("n", "critical"), [(5, 0.563), (10, 0.409), (20, 0.294), (50, 0.188)])
def test_the_tables_critical_values_have_their_probability(n, critical):
    """Massey (1951), 5 %: a sample that runs ahead of a very large one by just so much."""
    large = [i / 100_000 for i in range(100_000)]
    found = agreement([max(0.0, (i + 1) / n - critical) for i in range(n)], large)
    assert found.distance == pytest.approx(critical, abs=1e-4)
    assert found.p == pytest.approx(0.05, abs=0.006)


def test_of_samples_of_one_distribution_few_are_far_and_those_of_another_are_found():
    chance = random.Random(5)
    large = [chance.random() for _ in range(20_000)]
    p = [agreement([chance.random() for _ in range(30)], large).p for _ in range(400)]
    assert sum(value < 0.05 for value in p) / 400 == pytest.approx(0.05, abs=0.03)
    assert agreement([chance.random() ** 2 for _ in range(200)], large).p < 0.01


def test_never_agrees_with_never_only():
    assert agreement([NEVER] * 5, [NEVER] * 1000).distance == 0
    assert agreement([NEVER] * 5, [1.0] * 1000).distance == 1
    assert agreement([1.0] * 5, [NEVER] * 1000).p < 0.001


def test_equal_values_are_no_distance():
    assert agreement([1.0, 1.0, 2.0, 2.0], [1.0, 2.0] * 500).distance == 0


def test_an_empty_sample_is_an_error():
    with pytest.raises(ValueError, match="empty"):
        agreement([], [1.0])
