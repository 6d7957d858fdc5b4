from harness.analysis.faults import end_ns, epoch_ns, faults
from harness.clock import Span
from tests.drawn import Drawn, crash_of_owner, freeze_of_owner, ns


def test_a_fault_is_a_span_and_is_looked_at_until_the_next():
    d = Drawn()
    d.kill(3, "m1", "haproxy", index=0)
    d.crash(10, "m2", index=1)
    d.probes(0, 15)
    first, second = faults(d.history())
    assert first.injected == Span(ns(3), ns(3.001))
    assert first.until_ns == ns(10)
    assert second.until_ns == end_ns(d.history())
    assert (first.silences, second.silences) == (False, True)
    assert first.healed is None and first.broken_until_ns == ns(10)


def test_a_node_is_healed_from_the_moment_its_first_agent_ran():
    fault = faults(crash_of_owner().history())[0]
    assert fault.healed == Span(ns(20), ns(20.401))


def test_a_node_that_resumes_is_healed_when_it_goes_on_as_nothing_boots():
    (fault,) = faults(freeze_of_owner().history())
    assert (fault.silences, fault.resumes, fault.process) == (True, True, "")
    assert fault.healed == Span(ns(20), ns(20.001))


def test_a_trial_starts_with_its_prober():
    assert epoch_ns(crash_of_owner().history()) == 0


def test_an_apiserver_and_a_whole_node_take_a_backend_but_haproxy_does_not():
    d = Drawn()
    d.kill(1, "m1", "kube-apiserver", index=0)
    d.kill(2, "m1", "haproxy", index=1)
    d.crash(3, "m1", index=2)
    assert [f.takes_backend for f in faults(d.history())] == [True, False, True]
