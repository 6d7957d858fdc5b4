"""One election of raft as etcd 3.4 holds it by default, without a pre-vote: played with drawn patience.

After raft.go of etcd 3.4: a follower that has heard of its leader within 10 of its ticks ignores who asks for its vote
(checkQuorum), and has its own candidacy refused later, as the other has voted for itself: that term goes by without
a leader. So does one in which two ask within the time that a vote takes.
"""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass
from typing import NamedTuple

TICK_S = 0.1
LEASE = 10  # ticks
PATIENCE = range(LEASE, 2 * LEASE)  # ticks, drawn anew for every term
VOTE_S = 0.001  # one way: 0.6 ms was measured in a lab, most of it the disk's


@dataclass
class Member:
    """A follower, then a candidate; `phase_s` is when in a tick's time its ticks come."""

    phase_s: float
    patience: int
    since_s: float = 0.0
    term: int = 0
    led: bool = True
    votes: int = 0  # for itself, in its term; 0 where it is no candidate

    def ticks(self, t_s: float) -> int:
        """Return how many ticks it has counted since it heard of its leader, or its term began."""
        return self._number(t_s) - self._number(self.since_s)

    @property
    def due_s(self) -> float:
        """Return when its patience ends."""
        return self.phase_s + (self._number(self.since_s) + self.patience) * TICK_S

    def begins(self, term: int, t_s: float, patience: int) -> None:
        """Enter a term, with nobody's lead."""
        self.term, self.since_s, self.patience, self.led, self.votes = term, t_s, patience, False, 0

    def _number(self, t_s: float) -> int:
        return math.floor((t_s - self.phase_s) / TICK_S + 1e-6)


class Election(NamedTuple):
    """A dead leader's last heartbeat → another leads, in seconds; how many terms that took, and which follower won."""

    took_s: float
    terms: int
    winner: int


def elect(members: int, followers: int, draw: random.Random) -> Election:
    """Play one election among the followers that are left of so many members; at least a quorum of them."""
    those = [Member(draw.uniform(0.0, TICK_S), draw.choice(PATIENCE)) for _ in range(followers)]
    events = [(one.due_s, number, 0, -1) for number, one in enumerate(those)]  # (t_s, whose, term, asked by)
    heapq.heapify(events)
    while True:
        t_s, number, term, by = heapq.heappop(events)
        one, asks = those[number], by < 0
        if asks and t_s == one.due_s:  # its patience was not drawn anew meanwhile
            term = one.term + 1
        elif asks or not _grants(one, t_s, term):
            continue
        one.begins(term, t_s, draw.choice(PATIENCE))
        heapq.heappush(events, (one.due_s, number, 0, -1))
        if asks:
            one.votes = 1
            for other in range(followers):
                if other != number:
                    heapq.heappush(events, (t_s + VOTE_S, other, term, number))
            continue
        candidate = those[by]
        if candidate.term == term and candidate.votes:
            candidate.votes += 1
        if candidate.votes > members // 2:
            return Election(t_s + VOTE_S, term, by)


def _grants(one: Member, t_s: float, term: int) -> bool:
    return term > one.term and not (one.led and one.ticks(t_s) < LEASE)
