import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.requests import prober, quantile, streams
from harness.events import ProbeCapped
from tests.drawn import Drawn


def test_each_stream_has_its_own_account():
    d = Drawn()
    d.probes(0, 1, stream="fresh")
    d.probes(1, 1.1, stream="fresh", error="refused")
    d.probes(0, 0.5, stream="kept", took_s=0.002)
    d.event(1, "client", ProbeCapped(stream="fresh", target="read", due_ns=1), "prober")
    found = streams(d.history())
    assert (found["fresh"].sent, found["fresh"].ok, found["fresh"].failed) == (110, 100, 10)
    assert found["fresh"].errors == {"refused": 10}
    assert found["fresh"].error_rate == pytest.approx(10 / 110, abs=1e-6)
    assert found["kept"].latency_ms == {"p50": 2.0, "p99": 2.0, "max": 2.0}


def test_latency_counts_from_when_a_request_was_due():
    d = Drawn()
    d.probe(1, took_s=0.004, late_s=0.1)
    assert streams(d.history())["fresh"].latency_ms["p50"] == pytest.approx(104)


def test_the_worst_stream_speaks_for_the_prober():
    d = Drawn()
    d.summary(1, late_ms=2.5, cap_hits=3)
    found = prober(d.history())
    assert found is not None
    assert (found.lateness_ms_p99, found.cap_hits) == (2.5, 3)
    assert prober(Drawn().history()) is None


@given(st.lists(st.integers(0, 10**6), min_size=1), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_a_value_that_enough_of_the_sample_does_not_exceed(values, share):
    ordered = sorted(values)
    found = quantile(ordered, share)
    assert found in ordered
    assert sum(v <= found for v in ordered) >= share * len(ordered)
    below = [v for v in ordered if v < found]
    assert len(below) < share * len(ordered)
