from harness.analysis.faults import faults
from harness.analysis.watches import stall
from harness.clock import at_least
from harness.events import Watch
from tests.drawn import Drawn, crash_of_owner, ns


def watched(*streams: tuple[float, float, str | None]):
    """Return the stall of streams, each (last news, end, error), after a crash at 3 s."""
    d = crash_of_owner()
    for number, (last, end, error) in enumerate(streams):
        told = Watch(stream=number, opened_ns=0, last_data_ns=ns(last), chunks=5, error=error)
        d.event(end, "client", told, "watcher")
    history = d.history()
    return stall(history, faults(history)[0])


def test_a_stream_that_died_unnoticed_counts_until_its_end():
    assert watched((2.99, 8.0, "reset"), (25.9, 26.0, None)) == 5.0


def test_one_that_is_still_believed_in_took_at_least_until_the_end():
    assert watched((2.99, 8.0, "reset"), (3.0, 26.0, None)) == at_least(23.0)


def test_streams_that_ended_at_once_or_went_on_did_not_stall():
    assert watched((2.99, 3.01, "closed"), (25.9, 26.0, None)) == 0.0


def test_without_streams_there_is_no_figure():
    history = Drawn().history()
    assert stall(history, faults(crash_of_owner().history())[0]) is None
