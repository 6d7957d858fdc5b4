"""The few things every part composes on: who picks, who breaks, who is broken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Situation(Protocol):
    """What may be known about a lab while it runs."""

    @property
    def vip_owner(self) -> str | None: ...
    @property
    def alive(self) -> Sequence[str]: ...


class Selector(Protocol):
    """Picks one node out of the situation; None where no node fits."""

    def pick(self, situation: Situation) -> str | None: ...


class Target(Protocol):
    """A node under test, as a fault may touch it."""

    @property
    def name(self) -> str: ...
    @property
    def interface(self) -> str: ...

    def act(self, *words: str) -> dict[str, Any]:
        """Have the node's own agent do and stamp a deed; raise FaultError where its effect was not proven."""

    def service(self, verb: str, name: str) -> None:
        """Tell the node's supervisor to bring a service `up` or `down`."""

    def power_off(self) -> None:
        """End the node's every process with no grace."""

    def power_on(self) -> None:
        """Start the node again, its disk as it was, and wait until its agents listen."""


class Fault(Protocol):
    """One way to break a node; `index` numbers the faults of a trial."""

    @property
    def on(self) -> Selector: ...

    def inject(self, target: Target, index: int) -> None: ...
    def heal(self, target: Target, index: int) -> None: ...
