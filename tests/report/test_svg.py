from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from harness.report import svg


def test_what_users_named_is_escaped():
    drawn = svg.drawing(100, 50, [svg.text(1, 2, "<m1> & co")], 'a "label"')
    tree = ElementTree.fromstring(drawn)
    assert tree.attrib["role"] == "img"
    assert [one.text for one in tree] == ['a "label"', "<m1> & co"]


def test_attributes_take_python_words():
    assert svg.tag("text", _class="x", text_anchor="end") == '<text class="x" text-anchor="end"></text>'


@given(st.floats(0.05, 1e5), st.integers(2, 20))
def test_ticks_are_round_and_inside(high, wanted):
    scale = svg.Scale(0, high, 0, 1000)
    ticks = scale.ticks(wanted)
    assert ticks[0] == 0
    assert all(0 <= t <= high * (1 + 1e-9) for t in ticks)
    assert 1 <= len(ticks) <= wanted + 1


def test_a_value_outside_is_drawn_at_the_edge():
    scale = svg.Scale(0, 10, 100, 200)
    assert [scale(v) for v in (-5, 0, 5, 10, 50)] == [100, 100, 150, 200, 200]
