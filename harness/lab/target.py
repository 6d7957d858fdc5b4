"""A machine as a fault touches it: whatever is done there is written down as that fault's, or as its healing's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.agent.deeds.deed import Deed
from harness.lab.machine import Machine


@dataclass(frozen=True)
class Target:
    """Satisfies harness.contracts.Target for one fault, the `index`-th of its trial."""

    machine: Machine
    fault: str
    index: int
    action: Literal["inject", "heal"]

    @property
    def name(self) -> str:
        return self.machine.name

    @property
    def interface(self) -> str:
        return self.machine.interface

    def act(self, deed: Deed, edge: Literal["begin", "end"] | None = None) -> None:
        about = {"fault": self.fault, "index": self.index, "action": self.action}
        self.machine.act(deed, **about, **({"edge": edge} if edge else {}))

    def service(self, verb: str, name: str) -> None:
        self.machine.service(verb, name)

    def power_off(self) -> None:
        self.machine.power_off()

    def power_on(self) -> None:
        self.machine.power_on()
