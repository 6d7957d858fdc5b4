import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.blackout import blackout, longest
from harness.analysis.faults import faults
from harness.clock import NS, Bounds, unended
from harness.events import Probe
from tests.drawn import Drawn, crash_of_owner, ns


def measured(drawn: Drawn):
    history = drawn.history()
    return blackout(history, faults(history)[0])


def test_it_lies_between_the_failed_requests_span_and_the_nearest_successes():
    result = measured(crash_of_owner())
    assert isinstance(result, Bounds)
    assert result.min <= 3.0 <= result.max
    assert result.max == pytest.approx(3.014, abs=0.001)
    assert result.max - result.min < 0.03


def test_without_a_failed_request_it_may_have_been_nothing():
    d = Drawn()
    d.kill(3, "m2", "kube-apiserver")
    d.probes(0, 10)
    result = measured(d)
    assert isinstance(result, Bounds)
    assert result.min == 0
    assert result.max < 0.02


def test_what_had_not_come_back_by_the_end_is_at_least():
    d = Drawn()
    d.kill(3, "m1", "haproxy")
    d.probes(0, 3)
    d.probes(3, 9, error="refused", took_s=0.001)
    assert unended(measured(d)) and measured(d).min == pytest.approx(5.99, abs=0.02)


def test_the_next_fault_ends_the_look():
    d = Drawn()
    d.kill(3, "m1", "haproxy", index=0)
    d.kill(5, "m2", "haproxy", index=1)
    d.probes(0, 3)
    d.probes(3, 9, error="refused", took_s=0.001)
    assert unended(measured(d))
    assert measured(d).min <= 2.0


def test_what_the_next_fault_broke_is_not_this_ones():
    d = Drawn()
    d.kill(3, "m2", "kube-apiserver", index=0)
    d.kill(5, "m1", "haproxy", index=1)
    d.probes(0, 5)
    d.probe(4.6, error=None, took_s=0.9)  # before the second fault, answered after it
    d.probes(5, 5.4, error="refused", took_s=0.001)
    d.probes(5.6, 9)
    result = measured(d)
    assert isinstance(result, Bounds)
    assert result.min == 0


def test_some_requests_failing_beside_others_answered_is_no_blackout():
    d = Drawn()
    d.kill(1, "m2", "kube-apiserver")
    for number in range(400):
        d.probe(0.01 * number, error="tls" if number % 3 == 0 else None, took_s=1.0 if number % 3 == 0 else 0.004)
    assert measured(d).max < 0.05


def test_a_slow_answer_proves_service_only_somewhere_on_its_way():
    d = Drawn()
    d.kill(1, "m1", "haproxy")
    d.probes(0, 1)
    d.probe(1.005, took_s=3.0)  # sent into the blackout, answered after it
    d.probes(1.01, 4, error="refused", took_s=0.001)
    d.probes(4, 5)
    assert measured(d).max == pytest.approx(3.0, abs=0.03)


def test_what_is_answered_after_the_end_of_the_look_is_no_blackout_before_it():
    d = Drawn()
    d.probes(0, 1)
    d.probe(1.0, took_s=0.2)  # lost, and sent again by the kernel
    d.probes(1.0, 1.02, error="connect_timeout", took_s=1.0)
    d.probes(1.02, 1.5)
    result = longest(d.history().of(Probe), ns(0.9), ns(1.06))
    assert isinstance(result, Bounds)
    assert result.max < 0.04


@pytest.mark.parametrize(
    ("stages", "left_s"),
    [
        ({"left_ns": ns(1.0001)}, 1.0001),
        ({"left_ns": ns(1.0001), "connected_ns": ns(1.0001), "hello_ns": ns(1.0003)}, 1.0003),
        ({"connected_ns": ns(1.0001), "hello_ns": ns(1.0003), "tls_ns": ns(1.002), "asked_ns": ns(1.0021)}, 1.0021),
    ],
)
def test_a_request_one_of_whose_segments_was_lost_shows_when(stages, left_s):
    d = Drawn()
    d.kill(1, "m1", "haproxy")
    d.probes(0, 1)
    d.probe(1.0, error="tls", took_s=1.0, resent=3, **stages)
    d.probes(1.01, 3, error="connect_timeout", took_s=1.0)
    d.probes(3, 4)
    assert measured(d).min == pytest.approx(2.99 - left_s, abs=1e-6)


def test_what_is_slow_after_a_proof_of_service_lengthens_nothing():
    """The VIP is away for a second; then handshakes come about at once, and what has piled up is answered late."""
    d = Drawn()
    d.kill(1, "m1", "haproxy")
    d.probes(0, 1)
    d.probes(1, 2, error="connect_timeout", took_s=1.0)
    for number in range(14):
        due = 2 + number / 100
        answered = 2.16 - number / 10_000  # the later, the sooner: each is overtaken
        d.probe(due, took_s=answered - due, connected_ns=ns(due + 0.0001), tls_ns=ns(due + 0.02))
    d.probes(2.17, 3)
    result = measured(d)
    assert result.min <= 1.0 <= result.max
    assert result.max - result.min == pytest.approx(0.01 + 0.02, abs=0.001)  # a period, and the handshake


def test_without_probes_nothing_was_measured():
    d = Drawn()
    d.kill(1, "m1", "haproxy")
    assert measured(d) is None


@given(
    start=st.floats(1.0, 5.0), length=st.floats(0.1, 5.0), latency=st.floats(0.0005, 0.05), rate=st.integers(20, 300)
)
def test_the_bounds_hold_the_truth(start, length, latency, rate):
    """A chain that serves at every moment outside (start, start + length): requests touching it fail."""
    d = Drawn()
    d.kill(start, "m1", "haproxy")
    for number in range(int((start + length + 1) * rate)):
        due = number / rate
        inside = due < start + length and due + latency > start
        d.probe(due, took_s=latency, error="refused" if inside else None)
    result = measured(d)
    assert isinstance(result, Bounds)
    # The chain served up to the fault itself, and from its end on; the clock's own grain is 1 ns.
    assert result.min <= length + latency + 2 / NS
    assert result.max >= length - 2 / NS
    assert result.max - result.min <= 3 * (1 / rate + latency) + 1e-6
