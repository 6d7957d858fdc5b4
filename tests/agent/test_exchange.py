import json
import select
import time

import pytest

from harness.agent.connection import Endpoint
from harness.agent.exchange import Exchange, Stage
from tests.agent import servers

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def come_to(stage: Stage, facts) -> Exchange:
    """Begin an exchange and go on, whatever time that takes, until nothing is left to do at a stage."""
    exchange = Exchange(Endpoint.of(json.loads(facts.read_text())), REQUEST, time.monotonic_ns())
    with select.epoll() as poller:
        poller.register(exchange.fileno(), exchange.wants)
        while exchange.stage is not stage or exchange.wants & select.EPOLLOUT:
            assert poller.poll(100)
            exchange.advance()
            assert not exchange.finished
            poller.modify(exchange.fileno(), exchange.wants)
    return exchange


@pytest.mark.parametrize(
    ("talk", "stage", "error"),
    [(servers.mute, Stage.TLS, "tls"), (servers.listening_only, Stage.ANSWER, "response_timeout")],
)
def test_one_whose_time_is_up_is_named_by_how_far_it_came(tmp_path, talk, stage, error):
    with servers.serving(talk, tmp_path) as (_, facts):
        exchange = come_to(stage, facts)
        exchange.overdue()
    assert (exchange.error, exchange.finished, exchange.connection) == (error, True, None)


def test_one_that_never_connected_too(tmp_path):
    with servers.full(tmp_path) as facts:
        exchange = Exchange(Endpoint.of(json.loads(facts.read_text())), REQUEST, time.monotonic_ns())
        assert not exchange.connected
        exchange.overdue()
    assert (exchange.error, exchange.connected_ns) == ("connect_timeout", None)
