from harness.analysis.validity import doubts
from tests.drawn import Drawn, crash_of_owner


def test_a_sound_history_raises_no_doubt():
    assert doubts(crash_of_owner().history()) == []


def test_agents_on_two_kernels_share_no_clock():
    d = crash_of_owner()
    d.starts(0, "m3", "node", boot_id="another")
    assert "do not share one clock" in doubts(d.history())[0]


def test_lost_events_are_told():
    d = crash_of_owner()
    d.event(4, "m2", "agent.lost", "wire", count=12, reason="the socket's buffer was full")
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
