"""The few things every part composes on: who picks, who breaks, who is broken, how long that takes, who is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

from harness.agent.deeds.deed import Deed
from harness.clock import Bounds
from harness.events import Effect

Progress = Callable[[str], None]  # is told what is done; a number and a tab before it tell which trial's it is


class Passing(str):
    """What is true for a moment only, as the step that a build is at: for a line that moves, not one that stays."""

    __slots__ = ()


class Situation(Protocol):
    """What may be known about a lab while it runs; `lbs` and `masters` are those of the living that are such.

    `etcd_leader` is None where there is none, or nobody can tell.
    """

    @property
    def vip_owner(self) -> str | None: ...
    @property
    def alive(self) -> Sequence[str]: ...
    @property
    def lbs(self) -> Sequence[str]: ...
    @property
    def masters(self) -> Sequence[str]: ...
    @property
    def etcd_leader(self) -> str | None: ...


class Chain(Protocol):
    """What a scenario may know of a profile's chain while nothing is broken."""

    @property
    def front(self) -> str:
        """Return the process that answers on the VIP."""

    @property
    def checked(self) -> Sequence[object]:
        """Return the servers, on every proxy, whose checks ask the apiservers how they are."""

    @property
    def masters(self) -> Sequence[str]:
        """Return the nodes with an apiserver and a member of etcd."""


class Times(Protocol):
    """Times of a profile in seconds, from rest, with what a figure may be late by; and the chain they are of."""

    @property
    def chain(self) -> Chain: ...
    @property
    def stacked(self) -> bool:
        """Say whether the node that has the VIP while nothing is broken is a master, too."""

    @property
    def advertised(self) -> Mapping[str, int]:
        """Return each node's effective priority while nothing is broken."""

    @property
    def node_failover_s(self) -> Bounds: ...
    @property
    def script_failover_s(self) -> Bounds: ...
    @property
    def hang_failover_s(self) -> Bounds: ...
    @property
    def failback_s(self) -> Bounds: ...
    @property
    def eviction_refused_s(self) -> Bounds: ...
    @property
    def eviction_dropped_s(self) -> Bounds: ...
    @property
    def eviction_hung_s(self) -> Bounds: ...
    @property
    def readmission_s(self) -> Bounds: ...
    @property
    def return_s(self) -> float: ...
    @property
    def aftermath_s(self) -> float: ...
    @property
    def bystander_s(self) -> float:
        """Return a silent death beside the VIP → every client that it served knows, or as long as is worth waiting."""

    @property
    def unannounced_s(self) -> float:
        """Return how long clients may look for a VIP whose owner is back and has never lost it in its own eyes."""

    @property
    def write_refusal_s(self) -> float: ...


class Selector(Protocol):
    """Picks one node out of the situation; None where no node fits."""

    def pick(self, situation: Situation) -> str | None: ...


class Target(Protocol):
    """A node under test, as a fault may touch it."""

    @property
    def name(self) -> str: ...
    @property
    def interface(self) -> str: ...

    def act(self, deed: Deed, edge: Literal["begin", "end"] | None = None) -> None:
        """Have the node's own agent do and stamp a deed; raise FaultError where its effect was not proven.

        `edge` says that it is only the beginning, or the end, of what takes several.
        """

    def service(self, verb: str, name: str) -> None:
        """Tell the node's supervisor to bring a service `up` or `down`."""

    def power_off(self) -> None:
        """End the node's every process with no grace."""

    def power_on(self) -> None:
        """Start the node again, its disk as it was, and wait until its agents listen."""


class Fault(Protocol):
    """One way to break a node: which, what that means for the chain, how it is done, and undone."""

    @property
    def on(self) -> Selector: ...
    @property
    def effect(self) -> Effect: ...

    def inject(self, target: Target) -> None: ...
    def heal(self, target: Target) -> None: ...
