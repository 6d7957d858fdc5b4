"""What happened in one simulated trial: changes in order of time, from which every measure is taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import NamedTuple


class Answer(IntEnum):
    """What comes of a connection to a node's apiserver.

    ERRS answers an error at once to who needs etcd, FAILS to everybody, WAITS holds the request for its patience with
    etcd, HANGS accepts and says nothing. Two more are as ERRS and WAITS to who needs etcd, and ready for who asks for
    health: an apiserver learns late of etcd's end.
    """

    SERVES = auto()
    ERRS = auto()
    WAITS = auto()
    REFUSES = auto()
    DROPS = auto()
    HANGS = auto()
    FAILS = auto()
    ERRS_UNTOLD = auto()
    WAITS_UNTOLD = auto()

    @property
    def of_health(self) -> Answer:
        """Return what comes of it for who asks for health."""
        return _OF_HEALTH.get(self, self)

    @property
    def of_read(self) -> Answer:
        """Return what comes of it for who reads."""
        return _OF_READ.get(self, self)

    @property
    def untold(self) -> bool:
        """Say whether etcd is gone, and health does not tell that yet."""
        return self in _OF_READ

    @property
    def leaderless(self) -> bool:
        """Say whether etcd is gone, for this apiserver at least."""
        return self.of_read in (Answer.ERRS, Answer.WAITS)


_OF_READ = {Answer.ERRS_UNTOLD: Answer.ERRS, Answer.WAITS_UNTOLD: Answer.WAITS}
_OF_HEALTH = {Answer.WAITS: Answer.ERRS, **dict.fromkeys(_OF_READ, Answer.SERVES)}

GONE = (Answer.REFUSES, Answer.DROPS, Answer.HANGS, Answer.FAILS)


class View(NamedTuple):
    """The chain as a client meets it: the node that answers for the VIP (None: nobody does), and how its port answers.

    `up` are the places of the nodes that its haproxy sends to in turns, as often as their weights have it; `answers` is
    what each node's apiserver does.
    """

    node: int | None
    front: Answer
    up: tuple[int, ...]
    answers: tuple[Answer, ...]


@dataclass
class Struck:
    """A fault as it was injected; nodes by their place, times in seconds of the trial."""

    name: str
    node: int
    at_s: float
    owners: frozenset[int]
    haproxies: tuple[int, ...]
    took_backend: bool
    silenced: bool
    healed_s: float | None = None


@dataclass
class Record:
    """Changes as (time, ...): `vips` node and whether it has it.

    `servers` haproxy, server, whether it is UP, and whether a check found that: a haproxy that restarts just says so.
    `signs` are the moments at which keepalived first showed that it knows: an advert with another priority, or a state.
    `by_effect` names the deeds that the model does not know, and played by what their faults say that they mean.
    """

    struck: list[Struck] = field(default_factory=list)
    vips: list[tuple[float, int, bool]] = field(default_factory=list)
    masters: list[tuple[float, int]] = field(default_factory=list)
    signs: list[tuple[float, int]] = field(default_factory=list)
    servers: list[tuple[float, int, int, bool, bool]] = field(default_factory=list)
    views: list[tuple[float, View]] = field(default_factory=list)
    end_s: float = 0.0
    broken_off: bool = False
    by_effect: set[str] = field(default_factory=set)
