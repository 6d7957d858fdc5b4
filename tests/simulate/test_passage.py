import pytest

from harness.chain.retries import Picks
from harness.simulate.passage import passage
from harness.simulate.record import Answer
from harness.simulate.turns import ordered
from tests.simulate.chains import balancer

SERVES, REFUSES, DROPS, ERRS = Answer.SERVES, Answer.REFUSES, Answer.DROPS, Answer.ERRS
PLAIN = balancer(3)


def through(of, answers, up=(0, 1, 2), first=0, limit_s=60.0):
    asked = []

    def answer(node, later_s):
        asked.append((node, later_s))
        return answers[node]

    return passage(of, up, ordered(up, first, of.retries.most), answer, limit_s), asked


def test_a_server_that_serves_is_asked_once():
    assert through(PLAIN, [SERVES] * 3, first=1) == ((SERVES, 0.0), [(1, 0.0)])


def test_without_redispatch_the_same_is_asked_again_a_second_later_each_time():
    (met, after_s), asked = through(PLAIN, [REFUSES, SERVES, SERVES])
    assert (met, after_s) == (None, 3.0)
    assert asked == [(0, 0.0), (0, 1.0), (0, 2.0), (0, 3.0)]


def test_a_shorter_timeout_connect_shortens_that_second():
    assert through(balancer(3, connect_s=0.25), [REFUSES] * 3)[1][-1] == (0, 0.75)


def test_silence_costs_timeout_connect_each_time():
    assert through(PLAIN, [DROPS, SERVES, SERVES])[0] == (None, 40.0)
    assert through(PLAIN, [DROPS, SERVES, SERVES], limit_s=15)[1] == [(0, 0.0), (0, 10.0)]


def test_redispatch_goes_on_to_the_next_at_once():
    going = balancer(3, redispatch=-1, most=1)
    assert through(going, [REFUSES, SERVES, SERVES]) == ((SERVES, 0.0), [(0, 0.0), (1, 0.0)])
    assert through(going, [DROPS, SERVES, SERVES])[0] == (SERVES, 10.0)
    assert through(going, [REFUSES, REFUSES, SERVES])[0][0] is None  # one retry is one more server
    assert through(balancer(3, redispatch=-1, most=2), [REFUSES, REFUSES, SERVES])[0] == (SERVES, 0.0)


def test_a_consistent_hash_leaves_the_server_only_with_the_last_retry():
    fixed = balancer(3, redispatch=-1, picks=Picks.RING)
    met, asked = through(fixed, [REFUSES, SERVES, SERVES])
    assert met == (SERVES, 2.0)
    assert asked == [(0, 0.0), (0, 1.0), (0, 2.0), (1, 2.0)]


def test_the_only_server_is_asked_again():
    assert through(balancer(3, redispatch=-1), [REFUSES] * 3, up=(0,))[1][-1] == (0, 3.0)


@pytest.mark.parametrize("error", [ERRS, Answer.HANGS])
def test_what_was_connected_is_not_tried_again(error):
    assert through(balancer(3, redispatch=-1), [error, SERVES, SERVES])[0] == (error, 0.0)
