"""The chain as a script meets it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from harness.chain.numbers import Node
from harness.simulate.record import Answer


class Place(Protocol):
    """A node as a script finds it: what runs there, and where its haproxy sends to."""

    master: bool

    @property
    def up(self) -> tuple[int, ...]: ...
    @property
    def sound(self) -> bool: ...
    def runs(self, process: str) -> bool: ...


class Met(Protocol):
    """The chain as a script meets it, by its nodes' places; `reached` is who answers for the VIP."""

    reached: int | None
    answers: list[Answer]

    @property
    def nodes(self) -> Sequence[Node]: ...
    @property
    def machines(self) -> Sequence[Place]: ...
    @property
    def owners(self) -> Sequence[int]: ...
    def front(self, place: int) -> Answer: ...
    def led_in_s(self, place: int) -> float: ...
