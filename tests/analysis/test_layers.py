from harness.analysis.blackout import longest
from harness.analysis.layers import connects
from harness.clock import Bounds, unended
from harness.events import Probe
from tests.drawn import Drawn, ns


def test_tcp_connects_through_a_blackout_of_what_lies_behind():
    d = Drawn()
    d.probes(0, 1)
    for number in range(100):
        at = 1 + number * 0.01
        d.probe(at, took_s=1.0, error="tls", connected_ns=ns(at + 0.0002))
    history = d.history()
    of_requests = longest(history.of(Probe), 0, ns(2))
    of_connections = longest(connects(history), 0, ns(2))
    assert isinstance(of_requests, Bounds) and unended(of_requests) and of_requests.min > 0.9
    assert isinstance(of_connections, Bounds) and of_connections.max < 0.02


def test_kept_connections_tell_nothing_about_connecting():
    d = Drawn()
    d.probe(0)
    d.probe(1, reused=True)
    assert len(list(connects(d.history()))) == 1
