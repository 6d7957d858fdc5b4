import pytest

from harness.analysis.measure import measure
from harness.checks import WatchStallWithin
from harness.events import Watch
from harness.verdict import Outcome, Within
from tests.drawn import BACKENDS, crash_of_owner, ns


def judged(*streams, within_s=None, predicted=None):
    """Ask about streams of (served by, last news, end, error) after a crash at 3 s."""
    d = crash_of_owner()
    for number, (served, last, end, error) in enumerate(streams):
        told = Watch(stream=number, opened_ns=0, last_data_ns=ns(last), chunks=5, error=error, served_by=served)
        d.event(end, "client", told, "watcher")
    history = d.history()
    measures = measure(history, BACKENDS)
    for one in measures.clients:
        bounds = predicted.get(one.served_by) if isinstance(predicted, dict) else predicted
        one.predicted = (
            {} if bounds is None else {"dark_s": bounds if isinstance(bounds, Within) else Within(0.0, bounds)}
        )
    (finding,) = WatchStallWithin(0, within_s).findings(history, measures)
    return finding


@pytest.mark.parametrize(
    ("given", "outcome"),
    [({"within_s": 9.0}, Outcome.PASSED), ({"within_s": 4.0}, Outcome.FAILED), ({}, Outcome.INCONCLUSIVE)],
)
def test_the_longest_silence_is_held_against_what_is_allowed(given, outcome):
    found = judged(("m1", 2.9, 8.0, "closed"), ("m3", 25.9, 26.0, None), **given)
    assert (found.outcome, found.measured) == (outcome, 5.0)
    assert "served by m1" in found.message


def test_what_is_predicted_is_the_budget_where_none_is_given():
    assert judged(("m1", 2.9, 8.0, "closed"), predicted=Within(4.0, 5.0)).outcome is Outcome.PASSED
    assert judged(("m1", 2.9, 12.0, "closed"), predicted=Within(4.0, 5.0)).outcome is Outcome.FAILED


def test_one_that_is_believed_in_to_the_end_tells_only_what_it_has_shown():
    assert judged(("m1", 2.9, 26.0, None)).outcome is Outcome.INCONCLUSIVE
    assert judged(("m1", 2.9, 26.0, None), within_s=3600.0).outcome is Outcome.INCONCLUSIVE
    assert judged(("m1", 2.9, 26.0, None), within_s=20.0).outcome is Outcome.FAILED


def test_each_is_held_against_its_own_budget():
    found = judged(("m1", 2.9, 18.0, "closed"), ("m3", 2.9, 11.0, "closed"), predicted={"m1": 15.0, "m3": 0.0})
    assert found.outcome is Outcome.FAILED
    assert "served by m3" in found.message


def test_none_that_fell_silent_passes():
    found = judged(("m2", 25.9, 26.0, None), ("m1", 2.9, 3.1, "reset"))
    assert (found.outcome, found.measured) == (Outcome.PASSED, 0.0)
    assert "served by m1, m2" in found.message


def test_without_watches_nothing_is_known():
    assert judged().outcome is Outcome.INCONCLUSIVE
