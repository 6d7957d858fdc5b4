import pytest

from harness.chain.chain import Chain
from harness.chain.failure import Kind
from harness.chain.rest import at_rest
from harness.predict.patience import MOST_S, clients_s
from harness.predict.predict import predict
from tests.predict.made import profile


@pytest.mark.parametrize(
    ("name", "kind", "node", "longest"),
    [("article", Kind.NODE_CRASH, "m2", ("renewed", "m2")), ("article", Kind.PROXY_DEAD, "m1", ("renewed", "m3"))],
)
def test_the_longest_of_all_that_is_predicted_of_a_client_counts(name, kind, node, longest):
    chain = Chain(profile(name))
    failure = chain.fails(kind, node)
    found = predict(chain, failure, at_rest(chain)).clients[longest].bounds
    assert found and clients_s(chain, failure, "m1") == found.max


def test_nobody_waits_for_an_end_that_is_far_away_or_none():
    far = Chain(profile(haproxy={"(timeout client .*)": r"\1\n    timeout tunnel 24h"}))
    assert clients_s(far, far.fails(Kind.NODE_CRASH, "m2"), "m1") == MOST_S
    never = Chain(profile(haproxy={"timeout client .*": "timeout check 2s", "timeout server .*": ""}))
    assert clients_s(never, never.fails(Kind.NODE_CRASH, "m2"), "m1") == 45.5  # the ping of the HTTP/2 client


def test_where_nobody_can_tell_nothing_is_waited_for():
    chain = Chain(profile())
    assert clients_s(chain, None, "m1") == 0.0
    assert clients_s(chain, chain.fails(Kind.NODE_CRASH, "m1"), None) == 0.0
