import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.predict.spread import CLOSE_S, Spread

widths = st.lists(st.floats(0.001, 40), max_size=5).map(tuple)
spreads = st.builds(Spread, st.floats(0, 60), widths)
shares = st.floats(0.001, 0.999)


def test_one_part_is_uniform():
    assert [Spread(2, (4.0,)).quantile(q) for q in (0.05, 0.5, 0.95)] == pytest.approx([2.2, 4, 5.8], abs=1e-5)


def test_two_equal_parts_make_a_triangle():
    triangle = Spread(0, (1.0, 1.0))
    assert triangle.below(0.5) == pytest.approx(0.125)
    assert triangle.below(1.5) == pytest.approx(0.875)


def test_two_unequal_parts_make_a_trapezium():
    # Uniform on [0, 3] and on [0, 1]: up to 1 a half square of height t / 3, then straight on.
    trapezium = Spread(0, (3.0, 1.0))
    assert trapezium.below(1.0) == pytest.approx(1 / 6)
    assert trapezium.below(2.0) == pytest.approx(1 / 6 + 1 / 3)


def test_three_parts_against_a_sum_over_a_grid():
    parts, n = (3.0, 1.0, 0.4), 60
    cells = [(k + 0.5) / n for k in range(n)]
    counted = sum(parts[0] * a + parts[1] * b + parts[2] * c <= 1.7 for a in cells for b in cells for c in cells)
    assert Spread(0, parts).below(1.7) == pytest.approx(counted / n**3, abs=0.003)


@given(spreads, shares)
def test_a_quantile_lies_inside_and_leaves_its_share_below(spread, share):
    at = spread.quantile(share)
    assert spread.bounds.min - CLOSE_S <= at <= spread.bounds.max + CLOSE_S
    if any(w > 0.1 for w in spread.widths_s):
        assert spread.below(at) == pytest.approx(share, abs=1e-3)


@given(spreads, shares, shares)
def test_quantiles_are_in_order(spread, one, other):
    assert spread.quantile(min(one, other)) <= spread.quantile(max(one, other)) + CLOSE_S


@given(spreads)
def test_the_median_is_in_the_middle(spread):
    assert spread.quantile(0.5) == pytest.approx((spread.bounds.min + spread.bounds.max) / 2, abs=2e-3)


@given(spreads, spreads)
def test_adding_adds_the_ends(one, other):
    both = (one + other).bounds
    assert both.min == pytest.approx(one.bounds.min + other.bounds.min)
    assert both.max == pytest.approx(one.bounds.max + other.bounds.max)
