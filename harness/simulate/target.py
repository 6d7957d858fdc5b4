"""A simulated node as a fault touches it: the deeds of a lab's machine, done in the model."""

from __future__ import annotations

from typing import Literal

from harness.agent.deeds.answer import Answer
from harness.agent.deeds.deed import Deed
from harness.agent.deeds.freeze import Freeze, Thaw
from harness.agent.deeds.link import CutOff
from harness.agent.deeds.note import Note
from harness.agent.deeds.packets import Drop, Pass
from harness.agent.deeds.process import AwaitProcess, Signal
from harness.agent.deeds.reload import Mend, Reload, Spoil
from harness.agent.deeds.stop import ShutDown, Stop
from harness.errors import UsageError
from harness.events import Effect
from harness.simulate.node import Machine
from harness.simulate.surroundings import Surroundings


class Target:
    """Satisfies harness.contracts.Target for a fault of some effect; raises UsageError for what the model cannot play.

    A deed that it does not know does what the effect says, or undoes that, and is noted in `by_effect`.
    """

    def __init__(
        self, around: Surroundings, machine: Machine, effect: Effect, heals: bool, by_effect: set[str]
    ) -> None:
        self._around, self._machine, self._effect, self._heals = around, machine, effect, heals
        self._by_effect = by_effect
        self.name, self.interface = machine.name, ""

    def act(self, deed: Deed, edge: Literal["begin", "end"] | None = None) -> None:
        match deed:
            case Signal(process=process, name=signal):
                self._machine.signal(self._known(process), signal)
            case Stop(process="kube-apiserver" | "etcd"):  # what they hand over before they go is not followed
                raise self._unknown(deed)
            case Stop(process=process):
                self._machine.signal(self._known(process), "TERM")
            case CutOff():
                self._machine.cut_off()
            case ShutDown():
                self._shut_down()
            case Freeze():
                self._machine.freeze()
            case Thaw():
                self._machine.thaw()
            case Reload(process="keepalived"):  # what it takes for granted when it begins anew is not followed
                raise self._unknown(deed)
            case Reload(process=process) | Mend(process=process):
                self._machine.reload(self._known(process))
            case Answer(status=status) if status in (0, 500, 503) and self._effect.to == "all":
                self._machine.err(bool(status))
            case Drop("vrrp", way, (), _, 1.0) if self._machine.router:
                self._machine.router.part(sends=way == "in", hears=way == "out")
            case Pass("vrrp", _, ()) if self._machine.router:
                self._machine.router.part(sends=True, hears=True)
            case AwaitProcess() | Note() | Spoil():
                pass
            case _ if self._effect.silent or (self._effect.processes and not self._effect.errs):
                self._by_effect.add(type(deed).__name__)
                self._undo() if self._heals else self._do()
            case _:
                raise self._unknown(deed)

    def _unknown(self, deed: Deed) -> UsageError:
        return UsageError(f"the model does not know what {deed} means for {self.name}: it cannot be simulated")

    def _do(self) -> None:
        """Have the fault's effect."""
        machine, effect = self._machine, self._effect
        if effect.resumes:
            machine.freeze()
            return
        if effect.silent:
            self._shut_down() if effect.graceful else machine.cut_off()
            return
        for process in effect.gone:
            machine.signal(self._known(process), "TERM" if effect.graceful else "KILL")
        for process in effect.hung:
            machine.signal(self._known(process), "STOP")
        for process in effect.reloads:
            machine.reload(self._known(process))
        machine.err(bool(effect.errs))

    def _shut_down(self) -> None:
        for process in self._machine.processes:
            self._machine.signal(process, "TERM")
        self._machine.cut_off()

    def _undo(self) -> None:
        """Have the fault's effect no more."""
        machine, effect = self._machine, self._effect
        if effect.resumes:
            machine.thaw()
            return
        if effect.silent:
            self.power_on()
            return
        for process in effect.gone:
            machine.start(self._known(process))
        for process in effect.hung:
            machine.signal(self._known(process), "CONT")
        machine.err(False)

    def service(self, verb: str, name: str) -> None:
        process = self._known(name)
        self._machine.start(process) if verb == "up" else self._machine.signal(process, "TERM")

    def power_off(self) -> None:
        self._machine.cut_off()

    def power_on(self) -> None:
        self._machine.power_on()
        self._around.kernel.run(self._around.kernel.now + self._around.drawn(self._around.assumed.powered_s))

    def _known(self, process: str) -> str:
        if process not in self._machine.processes:
            known = ", ".join(self._machine.processes)
            raise UsageError(f"the model does not know a process {process!r} on {self.name}, only {known}")
        return process
