"""etcd's members: whether they have a leader, and so whether the apiservers can read and write."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.model.simulation.world import World


class Etcd:
    """Raft as etcd 3.4 has it: a quorum that misses its leader elects another after an election timeout.

    The leader is lost at once, for reads and writes wait from then on; with no quorum it steps down at once too.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._members = frozenset(range(len(world.nodes)))
        self._quorum = len(world.nodes) // 2 + 1
        self.leader: int | None = int(world.random() * len(world.nodes))
        self._turn, self._electing = 0, False

    def notice(self, members: frozenset[int]) -> None:
        """Take note of which members run and reach each other from now on."""
        joined, self._members = members - self._members, members
        if len(members) < self._quorum:
            self.leader, self._electing = None, False
            self._turn += 1
        elif self.leader not in members and not self._electing:
            orphaned, self.leader = self.leader is not None, None
            self._turn, self._electing = self._turn + 1, True
            wait_s, winner = self._election(orphaned, joined)
            self.world.later(wait_s, self._elect, self._turn, winner)

    def _election(self, orphaned: bool, joined: frozenset[int]) -> tuple[float, int]:
        """Return how long an election takes and who wins: the first timeout, drawn again while votes are split."""
        assumed, drawn = self.world.assumed, self.world.drawn
        waits = []
        for member in sorted(self._members):
            wait_s = drawn(assumed.election_s)
            if orphaned:
                wait_s -= self.world.random() * assumed.heartbeat_s
            elif member not in joined:  # it has been asking for votes all the while
                wait_s *= self.world.random()
            waits.append((wait_s, member))
        while True:
            waits.sort()
            if len(waits) == 1 or waits[1][0] - waits[0][0] > assumed.vote_s:
                return waits[0][0] + assumed.vote_s, waits[0][1]
            waits[:2] = [(wait_s + drawn(assumed.election_s), member) for wait_s, member in waits[:2]]

    def _elect(self, turn: int, winner: int) -> None:
        if turn == self._turn:
            self.leader, self._electing = winner, False
            self.world.refresh()
