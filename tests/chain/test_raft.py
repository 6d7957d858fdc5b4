import random
from collections import Counter

import pytest

from harness.chain.raft import LEASE, PATIENCE, TICK_S, VOTE_S, Member, elect


class Drawn(random.Random):
    """A source of chance that gives what a test has drawn: two phases, then patience after patience."""

    def __init__(self, phases: tuple[float, ...], patience: tuple[int, ...]) -> None:
        super().__init__()
        self._phases, self._patience = iter(phases), iter(patience)

    def uniform(self, low: float, high: float) -> float:
        return next(self._phases)

    def choice(self, among):
        return next(self._patience)


def test_who_loses_patience_first_leads_once_the_other_has_voted():
    took_s, terms, _ = elect(3, 2, Drawn((0.03, 0.06), (15, 12, 11, 11)))
    assert took_s == pytest.approx(0.06 + 11 * TICK_S + 2 * VOTE_S)
    assert terms == 1


def test_who_has_heard_of_its_leader_lately_ignores_the_first_vote():
    """As seen: m3 asks at its 10th tick, m2 has counted 9; m2 then asks in the same term, and is refused."""
    took_s, terms, _ = elect(3, 2, Drawn((0.03, 0.06), (10, 12, 19, 13, 19, 19)))
    assert terms == 2
    # m2 asked at its 12th tick, and has the patience of 13 more; m3 would have waited for longer.
    assert took_s == pytest.approx(0.06 + 24 * TICK_S + 2 * VOTE_S)


def test_two_who_ask_at_once_split_the_vote():
    took_s, terms, _ = elect(3, 2, Drawn((0.03, 0.0305), (12, 12, 15, 11, 19, 19)))
    assert terms == 2
    assert took_s == pytest.approx(0.0305 + 22 * TICK_S + 2 * VOTE_S)


def test_one_election_in_ten_takes_a_second_vote():
    draw = random.Random(4)
    terms = Counter(elect(3, 2, draw).terms for _ in range(5000))
    # Either's patience ends at its 10th tick (one in ten), and the other's ticks come later (one in two).
    assert terms[1] / 5000 == pytest.approx(0.9, abs=0.02)
    assert sum(terms[n] for n in terms if n > 2) < 10


def test_ticks_are_counted_from_when_a_leader_was_heard():
    one = Member(0.03, PATIENCE[0])
    assert (one.ticks(0.02), one.ticks(0.031), one.ticks(0.94)) == (0, 1, LEASE)
    assert one.due_s == pytest.approx(0.03 + 9 * TICK_S)
