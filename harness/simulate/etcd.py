"""etcd's members: whether they have a leader, and so whether the apiservers can read and write."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from harness.chain import raft
from harness.simulate.surroundings import Surroundings


class Etcd:
    """Raft as etcd 3.4 has it: a quorum that misses its leader elects another, by the rules of harness.chain.raft.

    The leader is lost at once, for reads and writes wait from then on; with no quorum it steps down at once too.
    """

    def __init__(self, around: Surroundings, members: int, changed: Callable[[], None]) -> None:
        self.around, self._size, self._changed = around, members, changed
        self._members = frozenset(range(members))
        self._quorum = members // 2 + 1
        self.leader: int | None = int(around.random() * members)
        self.led_at_s = inf  # when there will be a leader
        self._turn, self._electing = 0, False

    def notice(self, members: frozenset[int]) -> None:
        """Take note of which members run and reach each other from now on."""
        joined, self._members = members - self._members, members
        if len(members) < self._quorum:
            self.leader, self._electing, self.led_at_s = None, False, inf
            self._turn += 1
        elif self.leader not in members and not self._electing:
            orphaned, self.leader = self.leader is not None, None
            self._turn, self._electing = self._turn + 1, True
            wait_s, winner = self._orphans() if orphaned else self._gathered(joined)
            self.led_at_s = self.around.kernel.now + wait_s
            self.around.later(wait_s, self._elect, self._turn, winner)

    def _orphans(self) -> tuple[float, int]:
        """Return how long those take whose leader died, up to a heartbeat after its last one, and who wins."""
        left = sorted(self._members)
        election = raft.elect(self._size, len(left), self.around.chance)
        return max(0.0, election.took_s - self.around.random() * raft.TICK_S), left[election.winner]

    def _gathered(self, joined: frozenset[int]) -> tuple[float, int]:
        """Return how long those take that are a quorum again: whoever was left has asked for votes all the while."""
        waits = []
        for member in sorted(self._members):
            wait_s = self.around.chance.choice(raft.PATIENCE) * raft.TICK_S
            waits.append((wait_s if member in joined else wait_s * self.around.random(), member))
        wait_s, winner = min(waits)
        return wait_s + 2 * raft.VOTE_S, winner

    def _elect(self, turn: int, winner: int) -> None:
        if turn == self._turn:
            self.leader, self._electing = winner, False
            self._changed()
