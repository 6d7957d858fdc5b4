"""What holds for every fault, whoever wrote it: on paper and in the model."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Literal

import pytest

from harness import analysis, chain, checks, lint, predict, report, simulate
from harness.agent.deeds.deed import Deed
from harness.chain.failure import Failure, Kind, of_effect
from harness.contracts import Fault
from harness.errors import UsageError
from harness.events import Effect
from harness.simulate.assumed import QUIET_LAB
from harness.simulate.target import Target
from harness.simulate.world import World
from tests.faults.every import called, classes, every
from tests.simulate import chains

ALL = pytest.mark.parametrize("fault", list(every("m3")), ids=called)
SETTLED_S = 60.0


class Recording:
    """A target on which nothing happens but that it is written down, as a history would have it."""

    name, interface = "m3", "eth0"

    def __init__(self) -> None:
        self.edges: list[str] = []
        self.powered = True
        self.serving = True

    def act(self, deed: Deed, edge: Literal["begin", "end"] | None = None) -> None:
        assert self.powered, f"{deed} on a node that is off"
        self.edges += [edge] if edge else ["begin", "end"]

    def service(self, verb: str, name: str) -> None:
        assert self.powered and verb in ("up", "down")
        self.serving = verb == "up"

    def power_off(self) -> None:
        self.powered = False

    def power_on(self) -> None:
        self.powered = True


def test_all_of_them_are_found():
    assert {one.__name__ for one in classes()} >= {"NodeCrash", "NodeFreeze", "ProcessKill"}


def test_nobody_who_works_from_a_faults_effect_knows_it_by_name():
    names = {one.__name__ for one in classes()}
    for part in (analysis, chain, checks, lint, predict, report, simulate):
        for path in Path(part.__path__[0]).rglob("*.[pj][y2]"):
            assert not names & set(re.findall(r"\w+", path.read_text())), path


@ALL
def test_it_says_whom_it_hits_and_what_that_means(fault: Fault):
    assert fault.on.pick(None) == "m3"  # type: ignore[arg-type]
    assert isinstance(fault.effect, Effect)
    assert fault.effect != Effect(), "a fault without an effect is none"
    failure = of_effect(fault.effect, "m3")
    if failure is not None:  # else the model says that it does not know
        assert isinstance(failure, Failure) and failure.node == "m3"
        assert failure.kind.silences is fault.effect.silent
        assert failure.kind.resumes is fault.effect.resumes
        assert failure.kind.hangs is bool(fault.effect.hung)
        assert (failure.kind is Kind.APISERVER_ERRORS) is bool(fault.effect.errs)
        assert (failure.process,) == (fault.effect.processes or (None,))


@ALL
def test_it_is_written_down_once_from_beginning_to_end_both_ways(fault: Fault):
    target = Recording()
    fault.inject(target)
    assert target.edges == ["begin", "end"]
    target.edges = []
    fault.heal(target)
    assert target.edges == ["begin", "end"]
    assert target.powered and target.serving


@ALL
def test_what_it_breaks_in_the_model_is_whole_once_healed_and_it_meant_what_it_said(fault: Fault):
    world = World(chains.chain(110, 109, 108), QUIET_LAB, Random(1))
    machine = world.machines[2]
    assert world.steady
    before = {process: machine.life(process) for process in machine.processes}
    unknown: set[str] = set()
    effect = fault.effect
    apart = effect.cut not in ("", "vrrp") or effect.others
    hands_over = effect.graceful and {"kube-apiserver", "etcd"} & {*effect.gone}
    if apart or effect.status < 500 or effect.to != "all" or "keepalived" in effect.reloads or hands_over:
        with pytest.raises(UsageError, match="cannot be simulated"):  # an honest word
            fault.inject(Target(world.around, machine, fault.effect, False, unknown))
        return
    fault.inject(Target(world.around, machine, fault.effect, False, unknown))
    assert machine.on is not fault.effect.silent
    hit = {process for process in machine.processes if machine.life(process) is not before[process]}
    alone = {*fault.effect.gone, *fault.effect.hung}
    assert hit == (set(machine.processes) if fault.effect.silent else alone)
    assert machine.errs is bool(fault.effect.errs)
    world.kernel.run(world.kernel.now + SETTLED_S)
    fault.heal(Target(world.around, machine, fault.effect, True, unknown))
    assert not unknown
    world.kernel.run(world.kernel.now + SETTLED_S)
    assert world.steady
    assert {process: machine.life(process) for process in machine.processes} == before
