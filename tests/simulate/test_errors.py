"""Clients who come evenly: the n-th error of each limit comes within a period of n periods."""

from itertools import pairwise
from random import Random

import pytest

from harness.chain.observing import Observing, OnError
from harness.simulate.errors import Errors
from harness.simulate.surroundings import Surroundings
from tests.simulate.chains import EXACT


def made(limit=10, seed=1):
    around, reached = Surroundings(EXACT, Random(seed), 0.0), []
    errors = Errors(around, Observing(limit, OnError.MARK_DOWN), lambda: reached.append(around.kernel.now))
    return around.kernel, errors, reached


@pytest.mark.parametrize("seed", range(20))
def test_the_limit_is_reached_again_and_again(seed):
    kernel, errors, reached = made(seed=seed)
    errors.come(50.0, 0.0)
    kernel.run(0.75)
    assert len(reached) == 3
    assert 9 / 50 <= reached[0] <= 10 / 50
    assert [b - a for a, b in pairwise(reached)] == pytest.approx([0.2, 0.2])


def test_of_a_silent_server_the_first_comes_late():
    kernel, errors, reached = made()
    errors.come(50.0, 5.0)
    kernel.run(5.3)
    assert len(reached) == 1 and 5 + 9 / 50 <= reached[0] <= 5 + 10 / 50


def test_a_check_that_passes_begins_the_count_anew():
    kernel, errors, reached = made()
    errors.come(50.0, 0.0)
    kernel.run(0.15)
    errors.forget()
    kernel.run(0.34)
    assert not reached
    kernel.run(0.36)
    assert len(reached) == 1


def test_another_pace_keeps_what_was_counted():
    kernel, errors, reached = made()
    errors.come(50.0, 0.0)
    kernel.run(0.1)
    errors.come(5.0, 0.0)
    kernel.run(0.1 + 5 / 5)
    assert len(reached) == 1 and reached[0] > 0.1 + 4 / 5


def test_none_come_no_more():
    kernel, errors, reached = made()
    errors.come(50.0, 0.0)
    kernel.run(0.1)
    errors.come(0.0, 0.0)
    kernel.run(9.0)
    assert not reached and not errors.coming
