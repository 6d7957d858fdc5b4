from hypothesis import given
from hypothesis import strategies as st

from harness.clock import AtLeast, Bounds, Span, between, greatest, measured_from


def test_the_greatest_length_a_measure_allows():
    assert greatest(None) is None
    assert greatest(1.5) == 1.5
    assert greatest(Bounds(1, 2)) == 2
    assert greatest(AtLeast(3)) == float("inf")


def test_measures_come_back_from_json():
    assert measured_from({"min": 1, "max": 2}) == Bounds(1, 2)
    assert measured_from({"at_least": 1}) == AtLeast(1)
    assert measured_from(2) == 2.0


@given(st.lists(st.integers(0, 10**12), min_size=4, max_size=4))
def test_the_time_between_two_spans_holds_every_choice_within_them(stamps):
    a, b, c, d = sorted(stamps)
    bounds = between(Span(a, b), Span(c, d))
    for early in (a, b):
        for late in (c, d):
            assert bounds.min - 1e-9 <= (late - early) / 1e9 <= bounds.max + 1e-9
