"""What etcd adds: a gap while it elects a leader, and none to write to without a quorum."""

from __future__ import annotations

import random
from functools import cache

from harness.chain.health import STALE_S
from harness.chain.raft import LEASE, PATIENCE, TICK_S, elect
from harness.clock import Bounds
from harness.predict.interval import Predicted, weighed

# How long an election takes where the first vote counts, as it does in nine of ten; where it was ignored; and where
# the next one was split besides, which one election in a thousand exceeds.
FIRST_VOTE_S = PATIENCE[-1] * TICK_S
SECOND_VOTE_S = FIRST_VOTE_S + LEASE * TICK_S
WORST_S = SECOND_VOTE_S + PATIENCE[-1] * TICK_S
TOLD = f"{STALE_S.min:g} to {STALE_S.max:g} s"  # how long apiservers without it call themselves ready
_PLAYED = 4000


def write_gap(members: int, followers: int, out_s: float = 0.0) -> Predicted:
    """Return the leader's death → a new one, from anywhere between two heartbeats, a tick apart.

    `out_s` is how long load balancers may then still keep every apiserver out.
    """
    bounds = Bounds((LEASE - 2) * TICK_S, WORST_S + out_s)
    why = f"if it led etcd: until another leads, {FIRST_VOTE_S:g} s at most where the first vote counts"
    return weighed(elections(members, followers), bounds, why)


def unready_s(elected_s: float, dark_s: float = 0.0) -> float:
    """Return how long nobody may be served where etcd has a leader after `elected_s`, and who is dark anyhow `dark_s`.

    Apiservers call themselves ready for a while yet, unless load balancers lose patience with them before that.
    """
    patient = elected_s <= WORST_S and dark_s < STALE_S.min
    return max(0.0, elected_s - STALE_S.min) if patient else elected_s


@cache
def elections(members: int, followers: int) -> tuple[tuple[float, float], ...]:
    """Return how long some elections took from the leader's death on, in seconds, each with its weight."""
    draw = random.Random(0)
    return tuple((elect(members, followers, draw).took_s - draw.uniform(0.0, TICK_S), 1.0) for _ in range(_PLAYED))
