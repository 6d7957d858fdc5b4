from hypothesis import given
from hypothesis import strategies as st

from harness.clock import Bounds, Span, at_least, between, greatest, least, unended


def test_the_greatest_length_a_measure_allows():
    assert greatest(None) is None
    assert greatest(1.5) == 1.5
    assert greatest(Bounds(1, 2)) == 2
    assert greatest(at_least(3)) == float("inf")


def test_the_least_length_a_measure_allows_and_whether_it_ended():
    assert [least(one) for one in (None, 1.5, Bounds(1, 2), at_least(3))] == [None, 1.5, 1, 3]
    assert [unended(one) for one in (None, 1.5, Bounds(1, 2), at_least(3))] == [False, False, False, True]


@given(st.lists(st.integers(0, 10**12), min_size=4, max_size=4))
def test_the_time_between_two_spans_holds_every_choice_within_them(stamps):
    a, b, c, d = sorted(stamps)
    bounds = between(Span(a, b), Span(c, d))
    for early in (a, b):
        for late in (c, d):
            assert bounds.min - 1e-9 <= (late - early) / 1e9 <= bounds.max + 1e-9
