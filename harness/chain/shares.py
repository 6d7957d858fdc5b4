"""Which of a backend's servers gets how much of its new connections.

As 2.6.12 has it in recount_servers and get_server_rnd (backend.c), server_recalc_eweight (server.c) and lb_*.c;
tests/chain/test_shares.py has what haproxy itself did. Backups get nothing while one active server is up, then the
first of them all, or with `option allbackups` each its share; weight 0 gets nothing ever. By `balance`:

    roundrobin, static-rr      each its weight's share of all choices, and a retry that goes elsewhere takes a turn
    leastconn                  nothing open: all alike, whatever their weights; else who holds the least for its weight
    random(n)                  of n draws by weight the one that holds the least for its weight
    a hash                     its weight's share of the clients
    first                      the first of them

`stick on` and `stick match` come before all these: who was given a server is given it again while it is up.

A server that refuses holds nothing, so that leastconn, and random as far as it is drawn, prefer it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from fractions import Fraction

from harness.profile.haproxy import Server

# In mode tcp these are taken for roundrobin.
OF_HTTP = ("uri", "url_param", "hdr")
HASHES = ("source", *OF_HTTP, "hash", "rdp-cookie")
DRAWS = 2  # of `random` without a number
# A server that comes back has so many parts of its weight, one of them at first.
PARTS = 16


class Way(Enum):
    """How a server is chosen first."""

    TURNS = auto()
    LEAST = auto()
    RANDOM = auto()
    HASH = auto()
    FIRST = auto()
    STICK = auto()


@dataclass(frozen=True)
class Choice:
    """How a backend chooses a server: `draws` where it does so at random; `grows`: slowstart has a say in it."""

    way: Way
    draws: int = 1
    grows: bool = True


TURNS = Choice(Way.TURNS)


def choice(server: Server) -> Choice:
    """Return how a server's backend chooses."""
    if server.sticks:
        return Choice(Way.STICK)
    algorithm, _, argument = server.balance.partition("(")
    if algorithm in HASHES and not (server.mode == "tcp" and algorithm in OF_HTTP):
        return Choice(Way.HASH, grows=server.hash_type == "consistent")
    match algorithm:
        case "random":
            number = argument.rstrip(")")
            return Choice(Way.RANDOM, int(number) if number.isdecimal() else DRAWS)
        case "leastconn":
            return Choice(Way.LEAST)
        case "first":
            return Choice(Way.FIRST, grows=False)
    return replace(TURNS, grows=algorithm != "static-rr")


def serving(servers: Sequence[Server], backend: str) -> list[Server]:
    """Return those of a backend's servers that get connections while they are all up."""
    usable = [s for s in servers if s.backend == backend and s.weight and not s.disabled]
    active = [s for s in usable if not s.backup]
    return active or (usable if usable and usable[0].all_backups else usable[:1])


def share(server: Server, among: Sequence[Server]) -> Fraction:
    """Return a server's weight as a share of all that there are."""
    return Fraction(server.weight, sum(one.weight for one in among))


def met(server: Server, among: Sequence[Server], silent: bool, elsewhere: bool) -> tuple[Fraction, Fraction]:
    """Return which share of new connections tries a server first that takes none: at least, and at most.

    `silent` where each waits for it, `elsewhere` where a retry goes to another.
    """
    own, how = share(server, among), choice(server)
    if len(among) == 1:
        return Fraction(1), Fraction(1)
    match how.way:
        case Way.FIRST:
            first = Fraction(int(server == among[0]))
            return first, first
        case Way.LEAST:
            return Fraction(1, len(among)) if not silent else Fraction(0), Fraction(1)
        case Way.STICK:
            return Fraction(0), Fraction(1)
        case Way.RANDOM:
            return (Fraction(0) if silent else own), 1 - (1 - own) ** how.draws
        case Way.TURNS if elsewhere and silent:
            # A retry comes later: it, too, takes a turn, or two where the first is the dead one's.
            return own, min(Fraction(1), own / (1 - own**2))
        case Way.TURNS if elsewhere and own > Fraction(1, 2):
            return own, Fraction(1)
        case Way.TURNS if elsewhere:
            # A retry comes at once, and so takes the turn of the next.
            own /= 1 - own
    return own, own


def warmed(slowstart_s: float, since_s: float) -> Fraction:
    """Return which part of its weight a server has so long after it came back: it grows once a second."""
    if since_s >= slowstart_s:
        return Fraction(1)
    return Fraction(1 + int(PARTS * int(since_s) / slowstart_s), PARTS)


def whole_after_s(slowstart_s: float) -> float:
    """Return how long after it came back a server has all of its weight: with the last of its parts, not later."""
    return float(math.ceil(slowstart_s * (PARTS - 1) / PARTS))
