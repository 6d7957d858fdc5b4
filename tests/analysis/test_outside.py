from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.outside import Asked, asked, seen_for
from harness.analysis.owners import NOBODY, SEVERAL
from harness.clock import NS, Bounds
from harness.events import ArpProbe, Link
from tests.drawn import Drawn, ns


def probed(owners: list[tuple[float, float, str]], end_s: float = 3.0, every_s: float = 0.005) -> list[Asked]:
    """Ask every 5 ms; `owners` are (from, to, node)."""
    times = [k * every_s for k in range(round(end_s / every_s))]
    return [Asked(ns(t), frozenset(n for a, b, n in owners if a <= t < b)) for t in times]


def test_macs_are_told_as_nodes():
    d = Drawn()
    d.event(0, "m1", Link(interface="eth0", mac="aa"), "wire")
    d.event(1, "client", ArpProbe(due_ns=0, answers=[(1, "aa"), (2, "bb")]), "arp")
    assert asked(d.history()) == [Asked(ns(1), frozenset({"m1", "bb"}))]


def test_a_gap_is_bounded_by_the_probes_around_it():
    found = seen_for(probed([(0, 1, "m1"), (1.5, 3, "m2")]), NOBODY, 0, ns(3))
    assert found == Bounds(0.495, 0.505)


def test_two_owners_at_once():
    found = seen_for(probed([(0, 1.3, "m1"), (1, 3, "m2")]), SEVERAL, 0, ns(3))
    assert found == Bounds(0.295, 0.305)


def test_without_a_probe_nothing_is_known():
    assert seen_for([], NOBODY, 0, ns(3)) is None


@given(st.floats(0.2, 1.0), st.floats(0.001, 1.5))
def test_the_bounds_hold_the_truth_and_are_two_periods_wide(start, length):
    probes = probed([(0, start, "m1"), (start + length, 3, "m2")])
    found = seen_for(probes, NOBODY, 0, ns(3))
    assert found is not None
    if found.max == 0:
        assert length <= 0.005 + 1 / NS  # fell between two probes
    else:
        assert found.min - 1e-9 <= length <= found.max + 1e-9
        assert found.max - found.min <= 0.0101
