from bench.results import reason, spread
from harness.clock import Bounds, at_least
from harness.verdict import Finding, Outcome, Reason


def test_a_spread_is_from_the_least_to_the_greatest_and_says_what_never_ended():
    assert spread([Bounds(1.0, 1.2), 2.0, None], "stays") == "1.10–2.00"
    assert spread([at_least(3.0)], "stays") == "stays"
    assert spread([0.5, at_least(3.0)], "until healed") == "0.50–until healed"
    assert spread([None], "stays") == ""


def test_a_failure_is_told_with_the_line_that_lint_would_have():
    because = [Reason("K01", "m1/keepalived.conf", 8, "too small", "    weight 2\n")]
    failed = Finding("VipMoves", Outcome.FAILED, "the VIP never moved | at all", because=because)
    assert reason(failed) == "VipMoves: the VIP never moved \\| at all; K01: `weight 2`"
    assert reason(None) == ""
