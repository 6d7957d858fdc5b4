from harness.analysis.blackout import longest
from harness.analysis.layers import connects
from tests.drawn import Drawn, ns


def test_tcp_connects_through_a_blackout_of_what_lies_behind():
    d = Drawn()
    d.probes(0, 1)
    for number in range(100):
        d.probe(1 + number * 0.01, took_s=1.0, error="tls")
        d.events[-1].data["connected_ns"] = ns(1 + number * 0.01 + 0.0002)
    history = d.history()
    of_requests = longest(history.of("probe"), 0, ns(2))
    of_connections = longest(connects(history), 0, ns(2))
    assert of_requests.at_least > 0.9
    assert of_connections.max < 0.02


def test_kept_connections_tell_nothing_about_connecting():
    d = Drawn()
    d.probe(0)
    d.probe(1)
    d.events[-1].data["reused"] = True
    assert len(list(connects(d.history()))) == 1
