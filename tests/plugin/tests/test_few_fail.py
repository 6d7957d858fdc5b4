"""What FewFail says of a history that passes, of one that fails, and of one that says too little."""

from __future__ import annotations

import pytest
from failover_example.checks import FewFail

from harness.analysis.measure import measure
from harness.clock import NS
from harness.events import Probe
from harness.history import Event, History
from harness.verdict import Outcome


def asked(number: int, error: str | None) -> Event[Probe]:
    """A request on a connection of its own, the first of them due at 0 s, five a second, answered after 4 ms."""
    due_ns = number * NS // 5
    done_ns = due_ns + NS // 250
    status = None if error else 200
    probe = Probe(
        stream="fresh", target="readyz", due_ns=due_ns, sent_ns=due_ns, done_ns=done_ns, error=error, status=status
    )
    return Event(done_ns, "client", "prober", number, probe)


@pytest.mark.parametrize(
    ("failed", "of", "outcome"), [(1, 4, Outcome.PASSED), (2, 4, Outcome.FAILED), (0, 0, Outcome.INCONCLUSIVE)]
)
def test_of_three_one_may_fail(failed: int, of: int, outcome: Outcome) -> None:
    history = History(asked(number, "reset" if number < failed else None) for number in range(of))
    (finding,) = FewFail(1 / 3).findings(history, measure(history, backends={}))
    assert finding.outcome is outcome
