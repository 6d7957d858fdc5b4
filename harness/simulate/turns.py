"""In what order a haproxy's servers are chosen, as weights and `balance` have it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from harness.chain.numbers import Balancer
from harness.chain.retries import Retries
from harness.chain.shares import Choice, Way
from harness.simulate.record import Answer

Ring = tuple[int, ...]  # nodes by their places, each as often as its weight, in the order of their turns
KEPT = 10_000


class Turn(NamedTuple):
    """A connection's choices, each another node than the one before where there is another, and how often they are."""

    order: Ring
    share: float


@lru_cache(KEPT)
def ring(weighted: tuple[tuple[int, int], ...]) -> Ring:
    """Return the nodes of (node, weight) spread over one round, the heaviest as evenly as may be."""
    common = gcd(*(weight for _, weight in weighted)) or 1
    weights = [weight // common for _, weight in weighted]
    owed, found = [0] * len(weights), []
    for _ in range(sum(weights)):
        owed = [due + weight for due, weight in zip(owed, weights, strict=True)]
        chosen = max(range(len(owed)), key=owed.__getitem__)
        owed[chosen] -= sum(weights)
        found.append(weighted[chosen][0])
    return tuple(found)


def turns(balancer: Balancer, up: Ring, answers: Sequence[Answer]) -> tuple[Turn, ...]:
    """Return how a haproxy that sends to these chooses among them, as they answer; the shares sum to 1."""
    refusing = frozenset(node for node in up if answers[node] is Answer.REFUSES)
    return _turns(up, refusing, balancer.choice, balancer.retries, balancer.standby(up))


@lru_cache(KEPT)
def _turns(up: Ring, refusing: frozenset[int], choice: Choice, retries: Retries, backups: bool) -> tuple[Turn, ...]:
    """Return what new connections do while these are up and some of them refuse.

    Round robin goes on where the connection before has left it: one that was refused and went elsewhere at once has
    taken more than one turn. Who refuses holds nothing, so that leastconn chooses it first, and random as often as it
    draws it; that the others hold something is taken for granted. A retry that goes elsewhere takes the next in turn.
    """
    dead = refusing & set(up)
    orders = [ordered(up, start, retries.most) for start in range(len(up))]
    if choice.way is Way.LEAST and dead:
        if len(dead) > 1:  # each as empty as the other: who is refused by one is sent to the next of them
            emptiest = tuple(node for node in dict.fromkeys(up) if node in dead)
            orders = [ordered(emptiest, start, retries.most) for start in range(len(emptiest))]
        return _counted((order, 1.0) for order in orders if order[0] in dead)
    if choice.way is Way.FIRST:
        return (Turn(orders[0], 1.0),)
    if choice.way is Way.RANDOM and dead:
        missed = (1 - sum(node in dead for node in up) / len(up)) ** choice.draws
        drawn = {True: 1 - missed, False: missed}
        often = [sum(node in dead for node in up), sum(node not in dead for node in up)]
        return _counted((o, drawn[o[0] in dead] / often[o[0] not in dead]) for o in orders)
    if choice.way is Way.TURNS and dead:
        return _counted(zip(orders, _visited(up, orders, dead, retries, backups), strict=True))
    return _counted((order, 1.0) for order in orders)


def ordered(up: Ring, start: int, most: int) -> Ring:
    """Return the choices of a connection that begins at a place of a ring and is tried elsewhere each time."""
    found, at = [up[start]], start
    for _ in range(most if len(set(up)) > 1 else 0):
        at = _next(up, at)
        found.append(up[at])
    return tuple(found)


def _next(up: Ring, at: int) -> int:
    """Return the next place with another node than the one at this."""
    return next(place % len(up) for place in range(at + 1, at + len(up)) if up[place % len(up)] != up[at])


def _visited(up: Ring, orders: Sequence[Ring], dead: frozenset[int], retries: Retries, backups: bool) -> list[float]:
    """Return how often connections begin at each place of a ring, each where the one before has left off."""
    after = [_left_at(up, start, dead, retries, backups) for start in range(len(orders))]
    often = [0.0] * len(up)
    for start in range(len(up)):
        path: dict[int, int] = {}
        while start not in path:
            path[start] = len(path)
            start = after[start]
        cycle = [place for place, number in path.items() if number >= path[start]]
        for place in cycle:
            often[place] += 1 / len(cycle)
    return often


def _left_at(up: Ring, at: int, dead: frozenset[int], retries: Retries, backups: bool) -> int:
    """Return the place after the last that a connection takes which begins at a place."""
    choices = len(set(up))
    for failed in range(1, retries.most + 2):
        retry = retries.after(failed, False, choices, backups) if up[at] in dead else None
        if retry is None or retry.after_s:  # its turn comes later, among those of others
            break
        if retry.elsewhere:
            at = _next(up, at)
    return (at + 1) % len(up)


def _counted(weighted: Iterable[tuple[Ring, float]]) -> tuple[Turn, ...]:
    """Return each order once, with its share of all."""
    often: dict[Ring, float] = {}
    for order, weight in weighted:
        if weight:
            often[order] = often.get(order, 0.0) + weight
    whole = sum(often.values())
    return tuple(Turn(order, weight / whole) for order, weight in often.items())
