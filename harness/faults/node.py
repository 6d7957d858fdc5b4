"""Faults of a whole node."""

from __future__ import annotations

from dataclasses import dataclass

from harness.contracts import Selector, Target


@dataclass(frozen=True)
class NodeCrash:
    """The node falls silent as if its power were cut: first off the network, then every process killed."""

    on: Selector

    def inject(self, target: Target, index: int) -> None:
        # The kernel of a killed container would say goodbye to its peers with FIN and RST; a dead machine does not.
        target.act("cut-off", target.interface, "--index", str(index), "--fault", "NodeCrash")
        target.power_off()

    def heal(self, target: Target, index: int) -> None:
        target.power_on()
        target.act("note", "--index", str(index), "--fault", "NodeCrash")
