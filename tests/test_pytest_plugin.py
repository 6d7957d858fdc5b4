from types import SimpleNamespace

import pytest

from harness.pytest_plugin import beyond_doubt
from harness.verdict import Outcome

PASSED, FAILED, DOUBT = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("outcomes", "taken", "settled"),
    [
        ([PASSED], 1, PASSED),
        ([FAILED, PASSED], 1, FAILED),
        ([DOUBT, FAILED, PASSED], 2, FAILED),
        ([DOUBT, DOUBT, PASSED], 3, PASSED),
        ([DOUBT, DOUBT, DOUBT, PASSED], 3, DOUBT),
    ],
)
def test_only_what_is_in_doubt_is_asked_again(outcomes, taken, settled):
    left = list(outcomes)
    verdict = beyond_doubt(lambda: SimpleNamespace(outcome=left.pop(0)))
    assert verdict.outcome is settled
    assert len(outcomes) - len(left) == taken
