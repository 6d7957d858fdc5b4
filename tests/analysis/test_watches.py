from math import inf

import pytest

from harness.analysis.faults import faults
from harness.analysis.watches import silences, stall
from harness.clock import at_least
from harness.events import Watch, WatchUnopened
from harness.verdict import Broken
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


def test_each_stream_has_a_row_with_who_served_it_and_what_ended_it():
    d = crash_of_owner()
    for number, (served, last, end, error) in enumerate(
        [("m1", 2.99, 8.0, "closed"), ("m2", 25.9, 26.0, None), ("m3", 3.0, 26.0, None), ("m1", 2.9, 3.1, "reset")]
    ):
        told = Watch(stream=number, opened_ns=0, last_data_ns=ns(last), chunks=5, error=error, served_by=served)
        d.event(end, "client", told, "watcher")
    later = Watch(stream=0, opened_ns=ns(9), last_data_ns=ns(25.9), chunks=5, error=None, served_by="m2")
    d.event(26.0, "client", later, "watcher")  # opened after the fault
    history = d.history()
    rows = [(r.kind, r.client, r.served_by, r.dark_s, r.ended) for r in silences(history, faults(history))]
    assert rows == [
        ("watch", 3, "m1", 0.0, "reset"),
        ("watch", 0, "m1", 5.0, "closed"),
        ("watch", 1, "m2", 0.0, None),
        ("watch", 2, "m3", at_least(23.0), None),
    ]


def broke(last, end, error, again=None, vain=()):
    """Return how a stream broke and for how long it had no news, after a crash at 3 s; `vain` are dials for nothing."""
    d = crash_of_owner()
    stream = Watch(stream=0, opened_ns=0, last_data_ns=ns(last), chunks=5, error=error, served_by="m1")
    d.event(end, "client", stream, "watcher")
    for at in vain:
        d.event(at + 0.01, "client", WatchUnopened(stream=0, dialled_ns=ns(at), error="refused"), "watcher")
        d.event(at + 0.01, "client", WatchUnopened(stream=1, dialled_ns=ns(at), error="refused"), "watcher")
    if again:
        later = Watch(stream=0, opened_ns=ns(again), last_data_ns=ns(25.9), chunks=5, error=None, served_by="m2")
        d.event(26.0, "client", later, "watcher")
    history = d.history()
    (row,) = silences(history, faults(history))
    return row.broken, row.again_s


def test_every_stream_that_breaks_is_of_a_class_and_without_news_until_the_next_stands():
    assert broke(2.99, 3.01, "reset", 3.53) == (Broken.RESET, 0.53)
    assert broke(2.99, 3.01, "reset", 8.2, (3.5, 4.0)) == (Broken.UNOPENED, 5.2)
    assert broke(2.99, 8.0, "reset", 8.6) == (Broken.STALLED, 5.6)
    assert broke(2.99, 8.0, "closed", 9.6, (8.5,)) == (Broken.STALLED, 6.6)
    assert broke(2.99, 26.0, None) == (Broken.OUTAGE, at_least(23.0))
    assert broke(2.99, 3.01, "reset", None, (3.5, 4.0)) == (Broken.UNOPENED, at_least(1.0))
    assert broke(25.9, 26.0, None) == (None, None)


def test_of_a_stream_in_which_another_fault_had_a_hand_nothing_is_said_of_when_news_came_again():
    d = crash_of_owner()
    stream = Watch(stream=0, opened_ns=0, last_data_ns=ns(1.0), chunks=5, error="reset", served_by="m1")
    d.event(8.0, "client", stream, "watcher")  # it was silent before the fault
    history = d.history()
    (row,) = silences(history, faults(history))
    assert (row.broken, row.again_s) == (Broken.STALLED, None)


def paused(from_s, until_s, last_write=26.0):
    """Return the row of a stream that told nothing between two moments, and went on; writes come every 50 ms."""
    d = crash_of_owner()
    for number in range(round(last_write * 20)):
        d.write(number / 20)
    told = Watch(
        stream=0,
        opened_ns=0,
        last_data_ns=ns(25.9),
        chunks=5,
        error=None,
        served_by="m2",
        quiet_from_ns=ns(from_s),
        quiet_until_ns=ns(until_s),
    )
    d.event(26.0, "client", told, "watcher")
    history = d.history()
    spans = faults(history)
    (row,) = silences(history, spans)
    return row.dark_s, row.broken, row.again_s, stall(history, spans[0])


def test_a_stream_that_pauses_and_goes_on_was_silent_as_long_as_there_was_news():
    dark, broken, again, longest = paused(4.0, 9.0)
    assert dark == longest and 4.9 <= dark <= 5.0
    assert (broken, again) == (None, None)


def test_what_was_sent_before_its_last_word_may_have_been_told_with_that():
    """A lab: the last write before etcd's leader died was acknowledged after that, and told before."""
    assert paused(3.51, 6.0, 3.55)[0] == 0.0
    assert paused(3.49, 6.0, 3.55)[0] == pytest.approx(2.495, abs=0.01)


def test_healing_may_have_ended_a_pause():
    """From the first news after the fault at 3 s to power on at 20 s, it was silent at least."""
    dark, *_ = paused(2.99, 20.6)
    assert dark.max == inf and dark.min == pytest.approx(17.0, abs=0.1)


@pytest.mark.parametrize(("from_s", "until_s", "last_write"), [(1.0, 2.5, 26.0), (4.0, 9.0, 4.0), (3.5, 4.2, 26.0)])
def test_before_the_fault_without_news_or_for_less_than_a_second_it_was_not(from_s, until_s, last_write):
    assert paused(from_s, until_s, last_write)[0] == 0.0
