"""What etcd adds: a gap while it elects a leader, and none to write to without a quorum.

raft as etcd 3.4 runs it by default: a heartbeat every 100 ms, a follower's patience drawn from 10 to 19 such ticks.
"""

from __future__ import annotations

from itertools import product

from harness.clock import Bounds
from harness.model.expected import Expected, weighed
from harness.model.failure import Kind, Standing

TICK_S = 0.1
PATIENCE = range(10, 20)
WORST_S = PATIENCE[-1] * TICK_S
_GRID = 10


def quorum_lost(members: int, standing: Standing) -> bool:
    """Say whether most of the members are gone."""
    running = [node for node in standing.alive if Kind.ETCD_DEAD not in standing.ails(node)]
    return len(running) <= members // 2


def write_gap(followers: int, out_s: float = 0.0) -> Expected:
    """Return the leader's death → a new one: the least patient follower's ticks, since the last heartbeat it heard.

    A vote that is split, as when two lose patience within a round trip, costs as much again. `out_s` is how long
    load balancers may then still keep every apiserver out.
    """
    cells = [(n + 0.5) / _GRID for n in range(_GRID)]
    drawn = [
        ((least - phase - age) * TICK_S, number**followers - (number - 1) ** followers)  # how often the least is this
        for number, least in enumerate(reversed(PATIENCE), 1)
        for phase, age in product(cells, cells)
    ]
    bounds = Bounds((PATIENCE[0] - 2) * TICK_S, WORST_S + out_s)
    return weighed(drawn, bounds, "if it led etcd: no write and no linearizable read until another leads")
