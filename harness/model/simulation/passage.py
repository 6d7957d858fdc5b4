"""The way of one connection through a haproxy: which servers it tries, and what it waits for between."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.model.chain import Balancer
from harness.model.simulation.record import Answer

TURN_AROUND_S = 1.0  # haproxy waits so long before it tries a server again that refused, or `timeout connect` if less


def passage(
    balancer: Balancer,
    up: Sequence[int],
    start: int,
    answer: Callable[[int, float], Answer],
    limit_s: float,
) -> tuple[Answer | None, float]:
    """Return what a connection meets that is given to `up[start]` first, and after how many seconds.

    `answer` tells what a node does so many seconds later. None where it is refused to the last, or not over in time.
    With `option redispatch` and an algorithm that rotates every retry goes on to the next server at once; with another
    one only the last retry does (backend.c, stream.c of haproxy 2.6; manual §4, `retries`).
    """
    tried, waited_s = start, 0.0
    for attempt in range(balancer.retries + 1):
        met = answer(up[tried], waited_s)
        if met is Answer.REFUSES:
            pause_s = min(TURN_AROUND_S, balancer.connect_s)
        elif met is Answer.DROPS:
            pause_s = balancer.connect_s
        else:
            return met, waited_s
        last = attempt == balancer.retries - 1
        if balancer.redispatches and len(up) > 1 and (balancer.rotates or last):
            tried = (tried + 1) % len(up)
            pause_s = 0.0 if met is Answer.REFUSES else pause_s
        waited_s += pause_s
        if waited_s >= limit_s:
            return None, limit_s
    return None, waited_s
