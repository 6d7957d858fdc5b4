"""One simulated trial: a scenario's steps taken as the runner takes them, each fault and repair at a random moment."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from harness.chain.numbers import Numbers
from harness.contracts import Fault
from harness.select import meant
from harness.simulate.assumed import Assumed
from harness.simulate.node import Machine
from harness.simulate.record import GONE, Record, Struck
from harness.simulate.target import Target
from harness.simulate.world import World
from harness.steps import Await, Condition, Heal, Hold, Inject, Step


class Play:
    """A trial under way; `record()` plays it to its end.

    What a scenario holds before it changes anything is not played where all phases are as random afterwards.
    """

    def __init__(self, chain: Numbers, steps: Sequence[Step], assumed: Assumed, seed: int) -> None:
        random = Random(seed)
        calm: list[float] = []
        for step in steps:
            if not isinstance(step, Hold):
                break
            calm.append(step.seconds)
        begins_s = sum(calm) + random.random() * chain.slowest_s
        self.world = World(chain, assumed, random, begins_s)
        if assumed.together:
            self.world.start_together()
            # Long enough that every period has been met in each of its phases alike.
            self.world.kernel.run(self.world.kernel.now + random.random() * 12 * chain.slowest_s)
        self.slowest_s = chain.slowest_s
        self.steps = steps[len(calm) :]
        self._in_force: list[tuple[Fault, Machine, int]] = []
        self._owner_at_fault: str | None = None

    def record(self) -> Record:
        """Take every step; break off where no node fits a fault."""
        world, record = self.world, self.world.record
        for step in self.steps:
            match step:
                case Hold(seconds=seconds):
                    world.kernel.run(world.kernel.now + seconds)
                case Await(condition=condition, within_s=within_s):
                    met = self._moved if condition is Condition.VIP_MOVED else lambda: world.steady
                    world.kernel.run(world.kernel.now + within_s, met)
                case Heal():
                    self._pass_a_random_time()
                    self._heal()
                case Inject(fault=fault):
                    if not self._inject(fault):
                        record.broken_off = True
                        break
        record.end_s = world.kernel.now
        return record

    def _moved(self) -> bool:
        return any(self.world.nodes[place].name != self._owner_at_fault for place in self.world.owners)

    def _inject(self, fault: Fault) -> bool:
        world = self.world
        if world.record.struck:
            self._pass_a_random_time()
        self._owner_at_fault = world.vip_owner
        name = meant(fault, world)
        machine = next((m for m in world.machines if m.name == name), None)
        if machine is None:
            return False
        now, owners, index = world.kernel.now, frozenset(world.owners), len(world.record.struck)
        self._in_force.append((fault, machine, index))
        fault.inject(self._target(fault, machine))
        world.record.struck.append(
            Struck(
                name=type(fault).__name__,
                node=machine.place,
                at_s=now,
                owners=owners,
                haproxies=tuple(m.place for m in world.machines if m.balances),
                took_backend=world.answers[machine.place] in GONE,
                silenced=not machine.on,
            )
        )
        return True

    def _pass_a_random_time(self) -> None:
        """Faults and repairs know nothing of anybody's phase."""
        self.world.kernel.run(self.world.kernel.now + self.world.around.random() * self.slowest_s)

    def _heal(self) -> None:
        while self._in_force:
            fault, machine, index = self._in_force.pop()
            self.world.record.struck[index].healed_s = self.world.kernel.now
            fault.heal(self._target(fault, machine, heals=True))

    def _target(self, fault: Fault, machine: Machine, heals: bool = False) -> Target:
        return Target(self.world.around, machine, fault.effect, heals, self.world.record.by_effect)
