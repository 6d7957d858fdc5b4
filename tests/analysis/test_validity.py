import pytest

from harness.analysis import validity
from harness.analysis.faults import faults
from harness.analysis.owners import tenures
from harness.analysis.validity import disagreements, unexplained
from harness.clock import Bounds
from harness.events import AgentLost, AgentStart, AgentStop, Link, Turns
from harness.history import Event, Other
from harness.verdict import FaultMeasures
from tests.drawn import Drawn, crash_of_owner, ns


def doubts(history):
    return [doubt.text for doubt in validity.doubts(history)]


def test_only_a_busy_machine_is_worth_another_try():
    d = Drawn()
    d.probes(0, 1)
    d.summary(2, late_ms=25, cap_hits=2)
    assert [doubt.machine for doubt in validity.doubts(d.history())] == [False, True]


def test_a_sound_history_raises_no_doubt():
    assert doubts(crash_of_owner().history()) == []


def test_agents_on_two_kernels_share_no_clock():
    d = crash_of_owner()
    d.starts(0, "m3", "node", boot_id="another")
    assert "do not share one clock" in doubts(d.history())[0]


def test_lost_events_are_told():
    d = crash_of_owner()
    d.event(4, "m2", AgentLost(count=12, reason="the socket's buffer was full"), "wire")
    assert doubts(d.history()) == ["wire on m2 lost 12 events: the socket's buffer was full"]


def test_a_late_prober_makes_the_numbers_doubtful():
    d = Drawn()
    d.probes(0, 1)
    d.summary(2, late_ms=25, cap_hits=2)
    capped, late = doubts(d.history())
    assert "2 requests were not sent" in capped
    assert "25.0 ms late" in late


def test_no_requests_and_no_summary_are_doubts():
    d = Drawn()
    assert doubts(d.history()) == ["the prober recorded no request"]
    d.probe(1)
    assert "no summary" in doubts(d.history())[0]


def test_a_gap_in_an_agents_numbers_is_a_lost_event():
    d = crash_of_owner()
    for number in (0, 1, 3):
        d.events.append(Event(ns(number), "m2", "wire", number, Link(interface="eth0", mac="m2")))
    assert doubts(d.history()) == ["wire on m2 lost 1 events: its numbers have gaps"]


def test_an_agent_that_started_again_numbers_from_0():
    d = crash_of_owner()
    for number in (0, 1, 2, 0, 1):
        d.events.append(Event(ns(number), "m2", "wire", number, Other("wire.reset", {})))
    assert doubts(d.history()) == []


def test_a_machine_that_was_taken_away_is_told():
    d = Drawn()
    for t, edge, ticks in ((0, AgentStart, 100), (10, AgentStop, 600)):
        d.event(t, "client", edge(boot_id="b", time_namespace=1, steal_ticks=ticks, cpus=2), "prober")
    d.probe(1)
    d.summary(9)
    assert doubts(d.history()) == ["25% of this machine's processors was taken by others (steal)"]


def test_more_than_one_in_a_hundred_unexplained_is_too_much():
    assert list(unexplained({"no VIP": 99, "unexplained": 1})) == []
    assert "2 of 100 failed requests" in next(unexplained({"no VIP": 98, "unexplained": 2}))


def witnesses(late_s: float, looked_s: float, seen: tuple[float, float]) -> list[str]:
    """m1 loses the VIP at 3 s, m2 has had it for 1 s, and m1's observer tells `late_s` later."""
    d = Drawn()
    d.vip(0, "m1")
    d.kill(1.5, "m1", "haproxy")
    d.vip(2, "m2")
    d.vip(3 + late_s, "m1", present=False, looked_ns=ns(looked_s))
    d.probes(0, 9)
    history = d.history()
    spans = faults(history)
    fault = FaultMeasures("ProcessKill", "m1", 1.5, 0.001, dual_master_s=1 + late_s)
    fault.dual_master_seen_s = Bounds(seen[0], seen[1])
    return list(disagreements(spans, [fault], tenures(history, spans, surely=True)))


def test_two_witnesses_that_disagree_are_told():
    assert witnesses(0, 3, (0.985, 0.995)) == []
    (doubt,) = witnesses(0, 3, (0.5, 0.51))
    assert "the nodes tell of 1.000 s with two owner" in doubt
    assert witnesses(0, 3, (1.5, 1.51)) == [doubt.replace("0.500–0.510", "1.500–1.510")]


def test_an_observer_that_got_its_turn_late_contradicts_nobody():
    assert witnesses(0.03, 2.99, (0.985, 0.995)) == []
    assert witnesses(0.03, 3.03, (0.985, 0.995)) != []


@pytest.mark.parametrize(("moved_ms", "doubted"), [(0.9, False), (40, True)])
def test_a_wall_clock_that_was_set_spoils_the_stamps_of_packets(moved_ms, doubted):
    d = crash_of_owner()
    for at, offset_ns in ((0, 5_000_000_000), (26, 5_000_000_000 + round(moved_ms * 1e6))):
        told = AgentStart(boot_id="b", time_namespace=1, realtime_offset_ns=offset_ns, offset_width_ns=2000)
        d.event(at, "m2", told, "wire")
    assert any("CLOCK_REALTIME was set" in doubt for doubt in doubts(d.history())) is doubted


@pytest.mark.parametrize(("waits", "told"), [(1.4, False), (2.6, True)])
def test_daemons_that_wait_for_a_processor_much_longer_than_they_run_tell_of_a_busy_machine(waits, told):
    d = Drawn()
    d.starts(0, "client", "prober", stalled_us=0)
    for k in range(30):
        for node, born in (("m1", 0), ("m2", 12)):  # m2's begins anew, and counts from there
            since = k - born if k >= born else k
            ran = {"etcd": ns(0.1 * since), "haproxy": ns(0.05 * since)}
            d.event(k, node, Turns(ran_ns=ran, waited_ns={name: round(t * waits) for name, t in ran.items()}))
    d.stops(29, "client", "prober", stalled_us=0)
    found = validity.strain(d.history())
    assert (found is not None and found.machine and f"waited {waits} times as long" in found.text) is told
