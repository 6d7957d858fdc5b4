from itertools import permutations
from math import inf

from harness.clock import Bounds
from harness.predict.interval import Predicted, either, lasting, never, within


def test_of_three_that_may_be_the_one_that_never_comes_is_kept_whatever_their_order():
    for order in permutations([within(1.0, 2.0), within(3.0, 4.0), never("it stays")]):
        found = either([either(order[:2], "on this"), order[2]], "on that")
        assert (found.bounds, found.otherwise) == (Bounds(1.0, 4.0), "never"), order


def test_what_may_also_last_is_claimed_of_nobody():
    found = either([either([within(1.0, 2.0), lasting("it stays")], "on this"), within(0.0, 3.0)], "on that")
    assert found.otherwise == "until healed"
    assert found.open


def test_what_has_bounds_or_never_comes_is_claimed_and_what_may_take_any_time_is_not():
    assert not either([within(1.0, 2.0), never("it stays")], "on this").open
    assert within(1.0, inf).open
    assert not Predicted(None).open
