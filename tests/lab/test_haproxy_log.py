from harness.clock import NS
from harness.lab.haproxy_log import sessions

LINE = (
    "2026-11-23T23:33:28.042130+00:00 haproxy[85]:  198.19.66.250:33122 [23/Nov/2026:23:33:28.042] kubernetes "
    "kubernetes_master/{server} 1/-1/1005 0 {state} 12/12/11/3/3 0/0"
)
ACCEPTED_S = 1795476808.042


def test_a_session_that_ended_badly_is_an_event_on_the_one_clock():
    (event,) = sessions("m2", LINE.format(server="master", state="SC"), offset_ns=round(ACCEPTED_S - 100) * NS)
    assert event.node == "m2"
    assert {k: getattr(event.data, k) for k in ("port", "server", "state", "connect_ms")} == {
        "port": 33122,
        "server": "master",
        "state": "SC",
        "connect_ms": -1,
    }
    assert event.t_ns - event.data.accepted_ns == 1_005_000_000
    assert abs(event.data.accepted_ns - 100.042 * NS) < NS


def test_those_that_ended_well_and_other_lines_are_passed_over():
    text = LINE.format(server="master", state="--") + "\n[NOTICE] (85) : Server be/master is DOWN\n"
    assert list(sessions("m2", text, 0)) == []
