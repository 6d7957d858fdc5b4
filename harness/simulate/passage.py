"""The way of one connection through a haproxy: which servers it tries, and what it waits for between."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.chain.numbers import Balancer
from harness.simulate.record import Answer


def passage(
    balancer: Balancer,
    up: Sequence[int],
    order: Sequence[int],
    answer: Callable[[int, float], Answer],
    limit_s: float,
) -> tuple[Answer | None, float]:
    """Return what a connection meets that is given to `order[0]` first, and after how many seconds.

    `answer` tells what a node does so many seconds later. None where nobody takes it to the last, or not in time. A
    retry that goes elsewhere goes on to the next of its order.
    """
    choices, backups = len(set(up)), balancer.standby(up)
    chosen, waited_s = 0, 0.0
    for attempt in range(1, balancer.retries.most + 2):
        met = answer(order[chosen], waited_s)
        if met not in (Answer.REFUSES, Answer.DROPS):
            return met, waited_s
        silent = met is Answer.DROPS
        retry = balancer.retries.after(attempt, silent, choices, backups)
        waited_s += retry.after_s if retry else balancer.retries.takes_s(silent)
        if waited_s >= limit_s:
            return None, limit_s
        if retry and retry.elsewhere:
            chosen += 1
    return None, waited_s
