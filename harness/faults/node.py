"""Faults of a whole node."""

from __future__ import annotations

from dataclasses import dataclass

from harness.agent.deeds.freeze import Freeze, Thaw
from harness.agent.deeds.link import CutOff
from harness.agent.deeds.note import Note
from harness.agent.deeds.stop import ShutDown
from harness.contracts import Selector, Target
from harness.events import Effect


@dataclass(frozen=True)
class NodeCrash:
    """The node falls silent as if its power were cut: first off the network, then every process killed."""

    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(silent=True)

    def inject(self, target: Target) -> None:
        # The kernel of a killed container would say goodbye to its peers with FIN and RST; a dead machine does not.
        target.act(CutOff(target.interface))
        target.power_off()

    def heal(self, target: Target) -> None:
        target.power_on()
        target.act(Note())


@dataclass(frozen=True)
class NodeStop:
    """The node is shut down: every daemon is asked to end, then the network goes, then the power."""

    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(silent=True, graceful=True)

    def inject(self, target: Target) -> None:
        target.act(ShutDown(target.interface))
        target.power_off()

    def heal(self, target: Target) -> None:
        target.power_on()
        target.act(Note())


@dataclass(frozen=True)
class NodeFreeze:
    """The node stands still and comes back unaware, as a virtual machine that is paused, or migrated.

    All that runs on it stops, and its kernel is as silent: frames are dropped both ways, none is kept for later, and no
    neighbour is forgotten. Healing lets frames through before anything goes on. Clocks have run meanwhile: all timers
    are overdue, as after SIGCONT, or in a guest whose clock its host sets right.
    """

    on: Selector

    @property
    def effect(self) -> Effect:
        return Effect(silent=True, resumes=True)

    def inject(self, target: Target) -> None:
        target.act(Freeze())

    def heal(self, target: Target) -> None:
        target.act(Thaw())
