from harness.analysis.faults import faults
from harness.analysis.multiplexed import darkness
from harness.clock import Bounds, at_least
from harness.events import H2Request, H2Session
from tests.drawn import Drawn, crash_of_owner, ns


def drawn(*asked, lost=None, error="ping"):
    """Return the darkness of one client after a crash at 3 s, that asked (sent, answered or failed, error).

    Its first connection, to m2, is lost at a time where one is given.
    """
    d = crash_of_owner()
    for sent, done, why in asked:
        session = 0 if lost is None or sent < lost else 1
        d.event(
            done, "client", H2Request(client=4, session=session, due_ns=ns(sent), sent_ns=ns(sent), error=why), "h2"
        )
    until = 26.0 if lost is None else lost
    told = H2Session(
        client=4, session=0, opened_ns=ns(0.1), last_data_ns=ns(2.9), error=error if lost else None, served_by="m2"
    )
    d.event(until, "client", told, "h2")
    history = d.history()
    (row,) = darkness(history, faults(history))
    return row


def test_a_client_is_dark_from_what_was_not_answered_to_the_next_answer():
    row = drawn((2.5, 2.51, None), (3.2, 7.0, "ping"), (3.7, 7.0, "ping"), (7.2, 7.25, None), lost=7.0)
    assert (row.client, row.served_by, row.ended) == (4, "m2", "ping")
    assert row.dark_s == Bounds(4.05, 4.25)  # from its first request after the fault, and from the fault


def test_the_last_answer_bounds_it_too():
    row = drawn((3.1, 3.11, None), (3.6, 7.0, "reset"), (7.1, 7.2, None), lost=7.0, error="reset")
    assert row.dark_s == Bounds(3.6, 4.1)
    assert row.ended == "reset"


def test_what_was_under_way_at_the_fault_is_dark_from_then_on():
    assert drawn((2.9, 5.0, "reset"), (5.5, 5.6, None), lost=5.0).dark_s == Bounds(2.6, 2.6)


def test_a_late_answer_on_the_same_connection_ends_it():
    row = drawn((2.5, 2.51, None), (3.5, 6.5, None), (4.0, 6.5, None))
    assert (row.dark_s, row.ended) == (Bounds(3.0, 3.5), None)


def test_who_goes_on_is_not_dark():
    row = drawn((2.5, 2.51, None), (3.0, 3.9, None), (3.5, 3.6, None))
    assert (row.dark_s, row.ended, row.served_by) == (0.0, None, "m2")


def test_who_never_gets_another_answer_is_dark_until_the_end():
    row = drawn((2.5, 2.51, None), (3.5, 26.0, "unanswered"))
    assert row.dark_s == at_least(faults(crash_of_owner().history())[0].broken_until_ns / 1e9 - 3.5)


def test_the_longest_of_two_counts():
    row = drawn((3.1, 4.3, None), (4.5, 4.6, None), (5.0, 9.0, None), (9.5, 9.6, None))
    assert row.dark_s == Bounds(4.0, 4.5)


def test_without_such_clients_there_is_nothing_to_tell():
    history = Drawn().history()
    assert darkness(history, faults(crash_of_owner().history())) == []


def test_one_on_a_node_has_a_row_of_its_own_unless_it_is_gone_with_the_node():
    d = crash_of_owner()
    for node in ("client", "m1", "m2"):
        for at in (2.5, 6.0):
            d.event(at + 0.01, node, H2Request(client=0, session=0, due_ns=ns(at), sent_ns=ns(at), error=None), "h2")
        session = H2Session(client=0, session=0, opened_ns=ns(0.1), last_data_ns=ns(6), error=None, served_by="m3")
        d.event(7.0, node, session, "h2")
    history = d.history()
    (span,) = faults(history)
    assert span.node == "m1"  # which falls silent
    rows = [(row.kind, row.node, row.served_by, row.dark_s) for row in darkness(history, [span])]
    assert rows == [("h2", None, "m3", 0.0), ("on-node", "m2", "m3", 0.0)]


def test_who_was_dark_already_owes_that_to_something_else():
    row = drawn((0.5, 0.51, None), (1.2, 8.0, "ping"), (3.2, 8.0, "ping"), (8.1, 8.2, None), lost=8.0)
    assert row.dark_s is None
    late = drawn((1.9, 2.5, None), (2.1, 6.0, "reset"), (6.1, 6.2, None), lost=6.0)  # asked within the last second
    assert late.dark_s is not None
