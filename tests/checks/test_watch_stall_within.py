import pytest

from harness.analysis.measure import measure
from harness.checks import WatchStallWithin
from harness.clock import Bounds
from harness.events import Watch
from harness.verdict import Outcome
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
        one.predicted = {"dark_s": predicted} if predicted else {}
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
    assert judged(("m1", 2.9, 8.0, "closed"), predicted=Bounds(4.0, 5.0)).outcome is Outcome.PASSED
    assert judged(("m1", 2.9, 12.0, "closed"), predicted=Bounds(4.0, 5.0)).outcome is Outcome.FAILED


def test_one_that_is_believed_in_to_the_end_fails():
    assert judged(("m1", 2.9, 26.0, None)).outcome is Outcome.FAILED


def test_none_that_fell_silent_passes():
    found = judged(("m2", 25.9, 26.0, None), ("m1", 2.9, 3.1, "reset"))
    assert (found.outcome, found.measured) == (Outcome.PASSED, 0.0)
    assert "served by m1, m2" in found.message


def test_without_watches_nothing_is_known():
    assert judged().outcome is Outcome.INCONCLUSIVE
