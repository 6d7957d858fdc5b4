"""What haproxy does once a server that it believes in has not taken a connection.

As 2.6.12 has it in back_handle_st_cer (backend.c), stream_choose_redispatch (stream.h) and get_next_server of each
algorithm (lb_*.c); tests/chain/test_retries.py holds it against haproxy itself. A retry leaves its server with
`option redispatch` only:

    redispatch N > 0        with every N-th retry
    redispatch, or -1       with the last of R retries; -N with each that R + 1 - N divides
    whatever N, even 0      with every retry, where `balance` chooses anew and more than one active server is up

A hash comes out where it did before, unless it is consistent: then the next server on the ring is taken. Who chooses
anew leaves out the server of the last attempt only, so two dead ones may be tried in turns. Backup servers do not count
as active: where they serve, every retry that goes elsewhere is one of the first kinds, and waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from harness.chain import shares
from harness.chain.shares import Way
from harness.profile.haproxy import Server

# Before a server is tried again that has refused; less where `timeout connect` is.
TURN_AROUND_S = 1.0
# Linux gives a connection up that nobody answers (tcp_syn_retries 6), which haproxy takes for a refusal.
DIALLED_S = 127.0


class Picks(Enum):
    """How a server is chosen again: anew, by a hash, or by a consistent one."""

    ANEW = auto()
    SAME = auto()
    RING = auto()


class Retry(NamedTuple):
    """A further attempt: how long after the beginning of the one that failed, and whether at another server."""

    after_s: float
    elsewhere: bool


class Ending(NamedTuple):
    """How attempts at one dead server end: how many there were, after what time, and whether another one is tried."""

    attempts: int
    after_s: float
    elsewhere: bool


@dataclass(frozen=True)
class Retries:
    """A backend's retries, no more than `most` for a connection; `connect_s` may be infinite.

    `redispatch` is None where the option is off, -1 where it has no number.
    """

    most: int
    redispatch: int | None
    picks: Picks
    connect_s: float

    def takes_s(self, silent: bool) -> float:
        """Return how long an attempt takes to fail at a server that refuses, or that is silent."""
        return min(self.connect_s, DIALLED_S) if silent else 0.0

    def after(self, failed: int, silent: bool, up: int, backups: bool = False) -> Retry | None:
        """Return what follows the n-th failed attempt, with so many servers to choose among; None: it is given up.

        `backups` says that none of these is an active one.
        """
        if failed > self.most:
            return None
        active = 0 if backups else up
        leaves = self._leaves(failed, active)
        waits = not (leaves and active > 1) and (not silent or self.connect_s > DIALLED_S)
        pause_s = min(TURN_AROUND_S, self.connect_s) if waits else 0.0
        return Retry(self.takes_s(silent) + pause_s, leaves and up > 1 and self.picks is not Picks.SAME)

    @property
    def divides_by_zero(self) -> bool:
        """Say whether haproxy dies at its first retry."""
        return self.most > 0 and self.redispatch is not None and self.redispatch < 0 and self._every == 0

    @property
    def _every(self) -> int:
        redispatch = self.redispatch or 0
        return redispatch if redispatch >= 0 else self.most + 1 + redispatch

    @property
    def waits_s(self) -> set[float]:
        """Return how long it may be from one attempt to the next."""
        tried = [self.after(1, silent, active) for silent in (False, True) for active in (1, 2)]
        return {retry.after_s for retry in tried if retry} | {0.0}

    def _leaves(self, failed: int, active: int) -> bool:
        """Say whether haproxy chooses a server for this retry, and does not keep to the last one."""
        if self.redispatch is None:
            return False
        if self.picks is Picks.ANEW and active > 1:
            return True
        return self._every != 0 and failed % self._every == 0

    def ending(self, silent: bool, up: int, backups: bool = False) -> Ending:
        """Return how a connection fares at a server that stays as it is, until it is given up or tried elsewhere."""
        waited_s = 0.0
        for failed in range(1, self.most + 2):
            retry = self.after(failed, silent, up, backups)
            if retry is None:
                break
            waited_s += retry.after_s
            if retry.elsewhere:
                return Ending(failed, waited_s, True)
        return Ending(self.most + 1, waited_s + self.takes_s(silent), False)


def of(server: Server) -> Retries:
    """Return the retries of a server's backend; `retry-on` may leave out a connection that fails."""
    hashes = shares.choice(server).way is Way.HASH
    ring = server.hash_type == "consistent"
    return Retries(
        most=max(0, server.retries) if {"conn-failure", "all-retryable-errors"} & set(server.retry_on) else 0,
        redispatch=server.redispatch,
        picks=(Picks.RING if ring else Picks.SAME) if hashes else Picks.ANEW,
        connect_s=server.timeout_connect_s,
    )
