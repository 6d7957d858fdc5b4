import gc
import time

import pytest

from harness.agent.exchange import Exchange, Stage
from harness.agent.openloop import Loop, Stream

PERIOD_NS, AGO = 50_000_000, 20


class Done(Exchange):
    """An exchange that is over at once."""

    def __init__(self) -> None:
        self.sent_ns, self.stage = time.monotonic_ns(), Stage.DONE


@pytest.fixture(autouse=True)
def collector():
    """The loop tells the garbage collector to keep out of its way."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def stream(loop: Loop, last: int) -> tuple[Stream, list[tuple[int, int]]]:
    """Return a stream that has been due for `AGO` periods and ends its loop with a request, and what it begins."""
    begun = []

    def begin(number: int, due_ns: int) -> Done:
        begun.append((number, due_ns))
        if number == last:
            loop.stop(0, None)
        return Done()

    start_ns = time.monotonic_ns() - AGO * PERIOD_NS
    return Stream("of-the-test", PERIOD_NS, start_ns, begin, lambda *ended: None, lambda *due: None), begun


def test_what_was_due_while_nobody_could_send_is_sent_at_once_and_counts_from_when_it_was_due():
    loop = Loop(1)
    late, begun = stream(loop, last=AGO + 2)
    loop.run([late])
    assert begun[: AGO + 3] == [(k, late.start_ns + k * PERIOD_NS) for k in range(AGO + 3)]
    assert len(late.lateness_ns) == late.sent == len(begun)
    assert late.lateness_ns[0] >= AGO * PERIOD_NS
    assert min(late.lateness_ns) >= 0, "none is sent before it is due"


def test_one_that_was_told_to_stop_before_it_runs_sends_nothing():
    loop = Loop(1)
    loop.stop(0, None)
    late, begun = stream(loop, last=0)
    loop.run([late])
    assert begun == []
