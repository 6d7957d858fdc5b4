"""Against what haproxy did with connections one after another (tests/chain/loopback.py)."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.chain import retries, shares
from harness.chain.shares import Choice, Way
from harness.simulate.passage import passage
from harness.simulate.record import Answer
from harness.simulate.turns import ring, turns
from tests.chain.loopback import LOST, MET, REDISPATCH, WEIGHTS
from tests.chain.test_shares import servers
from tests.simulate.chains import balancer

S, R, D = Answer.SERVES, Answer.REFUSES, Answer.DROPS


def compiled(options, lines):
    found = servers(options, ("timeout connect 300ms", *lines))
    choice = shares.choice(found[0])
    of = balancer(len(found))
    weighted = tuple((n, s.weight) for n, s in enumerate(found) if s.weight)
    return replace(of, choice=choice, retries=retries.of(found[0])), ring(weighted)


@pytest.mark.parametrize("row", WEIGHTS[:3], ids=lambda row: f"{row.lines} {row.options}")
def test_a_round_has_each_as_often_as_its_weight(row):
    (counts,) = row.came
    _, up = compiled(row.options, row.lines)
    share = {f"s{node + 1}": count / len(up) for node, count in Counter(up).items()}
    assert share == pytest.approx({name: count / sum(counts.values()) for name, count in counts.items()})


def test_the_heaviest_is_spread_over_its_round():
    assert ring(((0, 4), (1, 2), (2, 1))) == (0, 1, 0, 2, 0, 1, 0)
    assert ring(((0, 48), (1, 48), (2, 16))) == (0, 1, 2, 0, 1, 0, 1)
    assert ring(()) == ()


@pytest.mark.parametrize("row", MET, ids=lambda row: f"{row.lines} {row.options}")
def test_a_server_that_refuses_is_first_as_often_as_haproxy_was_seen_to_try_it(row):
    of, up = compiled(row.options, row.lines)
    found = turns(of, up, (S, R, S)[: len(row.options)])
    assert sum(turn.share for turn in found if turn.order[0] == 1) == pytest.approx(row.share, abs=0.09)


@pytest.mark.parametrize("row", LOST, ids=str)
def test_with_two_that_refuse_as_many_are_lost_as_haproxy_was_seen_to_lose(row):
    of, up = compiled(("",) * 3, (f"balance {row.balance}", REDISPATCH, f"retries {row.retries}"))
    answers = (R, R, S)
    met = [(t.share, passage(of, up, t.order, lambda node, _: answers[node], 60.0)[0]) for t in turns(of, up, answers)]
    assert sum(share for share, one in met if one is not S) == pytest.approx(row.lost / 60)


CHOICES = st.builds(Choice, st.sampled_from(list(Way)), st.integers(1, 4))


@settings(max_examples=200)
@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=5),
    st.lists(st.sampled_from([S, R, D]), min_size=5, max_size=5),
    CHOICES,
    st.integers(0, 4),
    st.sampled_from([None, -1, 1]),
)
def test_whatever_answers_all_turns_are_one_and_each_choice_is_another(weights, answers, choice, most, redispatch):
    of = replace(balancer(len(weights), most=most, redispatch=redispatch), choice=choice)
    up = ring(tuple(enumerate(weights)))
    found = turns(of, up, tuple(answers))
    assert sum(turn.share for turn in found) == pytest.approx(1.0)
    for turn in found:
        assert turn.share > 0
        assert set(turn.order) <= set(up)
        assert all(a != b for a, b in pairwise(turn.order))
