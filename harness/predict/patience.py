"""How long a trial has to go on for every client to have come to the end that is predicted of it."""

from __future__ import annotations

from math import inf

from harness.chain.chain import Chain
from harness.chain.failure import Failure
from harness.chain.rest import owned
from harness.predict.predict import predict

MOST_S = 300.0  # of an end that is further away nobody waits for more


def clients_s(chain: Chain, failure: Failure | None, owner: str | None) -> float:
    """Return the longest time within MOST_S that a client may be without what it wants; 0 where nobody can tell."""
    if failure is None or owner not in chain.nodes:
        return 0.0
    found = predict(chain, failure, owned(chain, owner))
    ends = [one.bounds.max for one in found.clients.values() if one.bounds]
    ends += [one.bounds.max for name, one in found.measures.items() if name.startswith("client_") and one.bounds]
    return max((min(end, MOST_S) for end in ends if end < inf), default=0.0)
