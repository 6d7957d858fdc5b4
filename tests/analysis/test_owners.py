from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.faults import faults
from harness.analysis.owners import Tenure, held_by, owners_at, tenures
from harness.clock import NS, Bounds, Span
from tests.drawn import Drawn, crash_of_owner, freeze_of_owner, ns


def test_a_node_that_falls_silent_loses_its_vip_within_the_fault():
    history = crash_of_owner().history()
    found = tenures(history, faults(history))
    assert [(t.node, t.begin.start_ns / NS) for t in found] == [("m1", -5), ("m2", 6), ("m1", 23.001)]
    assert found[0].end == Span(ns(3), ns(3.001))
    assert found[-1].end is None


def test_a_vip_removed_while_the_node_is_cut_off_is_the_same_end():
    d = Drawn()
    d.vip(0, "m1")
    d.crash(3, "m1")
    d.vip(3.0005, "m1", present=False)
    history = d.history()
    assert len(tenures(history, faults(history))) == 1


def test_a_node_that_resumes_has_its_vip_again_beside_the_other():
    history = freeze_of_owner().history()
    held = tenures(history, faults(history))
    assert [(t.node, t.begin.start_ns / NS, t.end and t.end.end_ns / NS) for t in held] == [
        ("m1", -5, 3.001),
        ("m2", 6, 20.004),
        ("m1", 20, None),
    ]
    assert held_by(held, range(2, 99), ns(3), ns(30)) == Bounds(0.003, 0.004)


def test_a_node_that_resumes_without_the_vip_does_not_get_it():
    d = Drawn()
    d.vip(-5, "m1")
    d.vip(2, "m1", present=False)
    d.freeze(3, "m1")
    d.heal(20, "m1")
    history = d.history()
    assert [t.end and t.end.end_ns for t in tenures(history, faults(history))] == [ns(2)]


def test_a_vip_that_comes_and_goes_within_one_reading_is_gone():
    d = Drawn()
    d.vip(0, "m1")
    d.vip(3, "m2")
    d.vip(3, "m2", present=False)
    d.vip(3, "m1", present=False)
    d.vip(3, "m1")
    history = d.history()
    found = tenures(history, faults(history))
    assert [(t.node, t.begin.start_ns, t.end and t.end.end_ns) for t in found] == [
        ("m1", ns(0), ns(3)),
        ("m1", ns(3), None),
        ("m2", ns(3), ns(3)),
    ]


def test_owners_at_a_moment():
    history = crash_of_owner().history()
    found = tenures(history, faults(history))
    assert owners_at(found, ns(1)) == ["m1"]
    assert owners_at(found, ns(4)) == []
    assert owners_at(found, ns(10)) == ["m2"]


def test_no_master_has_the_width_of_the_fault_as_its_bounds():
    history = crash_of_owner().history()
    held = tenures(history, faults(history))
    assert held_by(held, range(1), ns(3), ns(20)) == Bounds(2.999, 3.0)


def test_two_owners_at_once_are_a_dual_master():
    held = [Tenure("m1", Span(0, 0), Span(ns(5), ns(5))), Tenure("m2", Span(ns(4), ns(4)), None)]
    assert held_by(held, range(2, 99), 0, ns(10)) == Bounds(1.0, 1.0)
    assert held_by(held, range(1), 0, ns(10)) == Bounds(0.0, 0.0)


def test_changes_that_are_known_between_two_moments_bound_the_time():
    """m1 goes some time between 4 and 5 s, m2 comes between 3 and 6."""
    held = [Tenure("m1", Span(0, 0), Span(ns(4), ns(5))), Tenure("m2", Span(ns(3), ns(6)), None)]
    assert held_by(held, range(2, 99), 0, ns(10)) == Bounds(0.0, 2.0)
    assert held_by(held, range(1), 0, ns(10)) == Bounds(0.0, 2.0)
    assert held_by(held, range(1, 2), 0, ns(10)) == Bounds(7.0, 10.0)


def test_a_change_may_be_as_old_as_its_observers_last_look():
    d = Drawn()
    d.vip(3, "m1", looked_ns=ns(2.9))
    d.vip(5, "m1", present=False)
    history = d.history()
    (found,) = tenures(history, [], surely=True)
    assert (found.begin, found.end) == (Span(ns(2.9), ns(3)), Span(ns(5), ns(5)))


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=6))
def test_the_times_of_none_one_and_several_owners_add_up_to_the_window(pairs):
    held = [Tenure(f"m{i}", Span(min(p), min(p)), Span(max(p), max(p))) for i, p in enumerate(pairs)]
    parts = [held_by(held, counts, 10, 90).max for counts in (range(1), range(1, 2), range(2, 99))]
    assert round(sum(parts) * NS) == 80
