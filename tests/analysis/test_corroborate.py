from harness.analysis.blame import blame, causes
from harness.analysis.corroborate import agreement
from harness.analysis.faults import faults
from harness.analysis.owners import tenures
from harness.events import HaproxySession
from harness.verdict import Agreement
from tests.drawn import BACKENDS, crash_of_owner, ns


def told(*servers: str) -> Agreement | None:
    """Return the agreement where haproxy logged one failed request a server, as sent there."""
    d = crash_of_owner()
    for number, server in enumerate(servers):
        port, accepted_ns = 40000 + number, ns(8.001 + number)
        d.probe(8 + number, error="tls", took_s=1.0, port=port)
        session = HaproxySession(
            port=port, accepted_ns=accepted_ns, backend="be", server=server, connect_ms=-1, state="SC"
        )
        d.event(20 + number, "m2", session, "haproxy-log")
    history = d.history()
    found = faults(history)
    broken = causes(history, found, tenures(history, found), BACKENDS)
    return agreement(history, blame(history, broken), found, BACKENDS)


def test_a_session_sent_to_the_dead_node_agrees():
    assert told("master", "master") == Agreement(logged=2, agreed=2)


def test_one_sent_elsewhere_does_not():
    assert told("master", "master2") == Agreement(logged=2, agreed=1)


def test_without_a_log_nothing_is_said():
    assert told() is None
