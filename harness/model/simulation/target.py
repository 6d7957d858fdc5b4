"""A simulated node as a fault touches it: the deeds of a lab's machine, done in the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.model.simulation.machine import Machine

if TYPE_CHECKING:
    from harness.model.simulation.world import World


class Target:
    """Satisfies harness.contracts.Target; raises UsageError for a deed or a process that the model does not know."""

    def __init__(self, world: World, machine: Machine) -> None:
        self._world, self._machine = world, machine
        self.name, self.interface = machine.node.name, ""

    def act(self, *words: str) -> dict[str, Any]:
        deed, what = words[0], words[1] if len(words) > 1 else ""
        match deed:
            case "kill":
                signal = words[words.index("--signal") + 1] if "--signal" in words else "KILL"
                self._machine.signal(self._known(what), signal)
            case "cut-off":
                self._machine.cut_off()
            case "await" | "note":
                pass
            case _:
                raise UsageError(f"the model does not know the deed {deed!r} on {self.name}: it cannot be simulated")
        return {}

    def service(self, verb: str, name: str) -> None:
        process = self._known(name)
        self._machine.start(process) if verb == "up" else self._machine.signal(process, "TERM")

    def power_off(self) -> None:
        self._machine.cut_off()

    def power_on(self) -> None:
        self._machine.power_on()
        self._world.kernel.run(self._world.kernel.now + self._world.drawn(self._world.assumed.powered_s))

    def _known(self, process: str) -> str:
        if process not in self._machine.processes:
            known = ", ".join(self._machine.processes)
            raise UsageError(f"the model does not know a process {process!r} on {self.name}, only {known}")
        return process
