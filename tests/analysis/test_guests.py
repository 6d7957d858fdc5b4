"""What a guest's segments come to, in drawn histories: a crash of the owner at 3 s, healed at the end."""

from math import inf

from harness.analysis.blame import MOVED, causes
from harness.analysis.faults import faults
from harness.analysis.guests import guests
from harness.analysis.owners import tenures
from harness.clock import Bounds
from harness.events import Segment
from tests.drawn import BACKENDS, crash_of_owner

OUT, IN = True, False
NEWS = [(0.1, OUT, 100), *((0.2 + n / 20, IN, 80) for n in range(56))]  # asked once, then told every 50 ms until 2.95 s


def row(*connections):
    """Return what one guest's connections come to, each a list of (seconds, way, bytes or "syn", "fin", "rst")."""
    d = crash_of_owner()
    told = [(at, port, way, what) for port, rows in enumerate(connections, 40000) for at, way, what in rows]
    for at, port, way, what in sorted(told, key=lambda row: row[0]):
        ends = {what: True} if isinstance(what, str) else {}
        size = what if isinstance(what, int) else 0
        d.event(at, "seat1", Segment(port=port, outgoing=way, size=size, **ends), "seat")
    history = d.history()
    spans = faults(history)
    (found,) = guests(history, spans, causes(history, spans, tenures(history, spans), BACKENDS))
    return found


def asking(*times):
    """Return a connection that is asked at these times and answers within 10 ms."""
    return [(times[0], OUT, "syn"), *(one for t in times for one in ((t, OUT, 200), (t + 0.01, IN, 300)))]


def test_who_is_answered_all_along_is_not_dark():
    found = row(asking(*(n / 2 for n in range(1, 50))))
    assert (found.dark_s, found.usual_s, found.stall_s, found.dialled) == (Bounds(0, 0), 0.01, None, 0)


def test_it_waits_from_what_it_asked_to_the_answer_on_the_same_connection():
    found = row([*asking(1.0, 2.0), (4.0, OUT, 200), (4.4, OUT, 200), (9.5, IN, 300)])
    assert (found.dark_s, found.ended) == (Bounds(5.5, 6.5), None)


def test_what_a_connection_comes_to_after_its_answer_did_not_end_the_wait():
    found = row([*asking(1.0, 2.0), (4.0, OUT, 200), (9.5, IN, 300), (9.6, OUT, "fin")])
    assert (found.dark_s, found.ended) == (Bounds(5.5, 6.5), None)


def test_a_connection_that_ends_lets_it_wait_on_for_another():
    first = [*asking(1.0, 2.0), (4.0, OUT, 200), (10.0, IN, "rst")]
    second = [(10.1, OUT, "syn"), (10.2, OUT, 200), (10.4, IN, 300)]
    found = row(first, second)
    assert (found.dark_s, found.ended, found.dialled, found.unanswered) == (Bounds(6.4, 7.4), "reset", 1, 0)


def test_a_new_connection_waits_at_most_since_any_was_heard():
    first, second = asking(1.0, 3.2), [(5.0, OUT, "syn"), (9.0, IN, "syn"), (9.1, IN, 300)]
    assert row(first, second).dark_s == Bounds(4.1, 5.89)


def test_connections_that_bring_nothing_are_counted_and_the_wait_goes_on():
    dials = [[(t, OUT, "syn"), (t + 1, IN, "rst")] for t in (4.0, 5.5, 7.0)]
    found = row(asking(1.0, 2.0), *dials, [(8.5, OUT, "syn"), (8.6, IN, 300)])
    assert (found.dark_s, found.dialled, found.unanswered) == (Bounds(4.6, 5.6), 4, 3)


def test_who_gives_up_dialling_tells_nobody_and_waits_on():
    dials = [[(t, OUT, "syn"), (t + 1, OUT, "syn")] for t in (4.0, 5.5, 7.0)]
    found = row(asking(1.0, 2.0), *dials, [(8.5, OUT, "syn"), (8.55, IN, "syn"), (8.6, IN, 300)])
    assert (found.dark_s, found.dialled, found.unanswered) == (Bounds(4.6, 5.6), 4, 3)


def test_another_connection_that_goes_on_does_not_answer_for_one_that_waits():
    found = row(asking(*(n / 2 for n in range(1, 50))), [*asking(1.1, 2.1), (3.5, OUT, 200), (7.5, IN, 300)])
    assert found.dark_s == Bounds(4.0, 4.5)


def test_what_was_never_answered_is_dark_until_the_end():
    found = row([*asking(1.0, 2.0), (4.0, OUT, 200)])
    assert found.dark_s.max == inf and found.dark_s.min > 10


def test_what_it_waited_for_before_the_fault_is_no_darkness():
    slow = [(0.1, OUT, 200), (2.6, IN, 300), (4.0, OUT, 200), (6.0, IN, 300)]
    assert (row(slow).dark_s, row(slow).usual_s) == (Bounds(0, 0), 2.5)


def test_a_stream_is_silent_from_its_last_news_or_the_fault_to_its_end():
    found = row([(0.0, OUT, "syn"), *NEWS, (13.0, IN, "rst")])
    assert (found.stall_s, found.stall_ended) == (Bounds(10.0, 10.0), "reset")


def test_a_stream_that_hears_again_was_silent_until_then():
    more = [(8.0 + n / 20, IN, 80) for n in range(360)]
    found = row([(0.0, OUT, "syn"), *NEWS, *more])
    assert (found.stall_s, found.stall_ended) == (Bounds(5.0, 5.0), None)


def test_a_stream_that_nobody_ends_is_silent_for_at_least_as_long():
    found = row([(0.0, OUT, "syn"), *NEWS])
    assert found.stall_s.max == inf and found.stall_s.min > 10


def test_a_stream_that_goes_on_is_not_silent_however_rare_its_news_are():
    rare = [(0.0, OUT, "syn"), (0.1, OUT, 100), *((0.2 + 1.2 * n, IN, 80) for n in range(21))]
    assert row(rare).stall_s == Bounds(0, 0)


def test_a_stream_that_its_client_acknowledges_is_one():
    acknowledged = [(0.35 + n / 2, OUT, 48) for n in range(5)]
    found = row(sorted([(0.0, OUT, "syn"), *NEWS, *acknowledged], key=lambda one: one[0]))
    assert found.stall_s is not None and found.stall_s.max == inf


def test_a_connection_that_only_answers_is_no_stream():
    assert row(asking(*(n / 4 for n in range(1, 11)))).stall_s is None


def test_what_a_guest_met_is_owed_to_a_link_of_the_chain():
    """The owner falls silent at 3 s, and another has the VIP three seconds later."""
    silent = row([*asking(1.0, 2.0), (4.0, OUT, 200), (9.5, IN, 300)])
    assert silent.cause == "no VIP"
    late = row([*asking(1.0, 2.0), (8.0, OUT, 200), (8.1, IN, "rst")], [(8.2, OUT, "syn"), (9.9, IN, 300)])
    assert (late.ended, late.cause) == ("reset", MOVED)
    assert row(asking(*(n / 2 for n in range(1, 50)))).cause is None
    stalled = row([*NEWS, (9.0, IN, "rst")])
    assert (stalled.stall_ended, stalled.stall_cause) == ("reset", MOVED)
