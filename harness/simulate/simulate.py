"""Many trials on every processor; the same seed gives the same trials on any number of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor

from harness.chain.compile import of as compiled
from harness.chain.numbers import Numbers
from harness.errors import INTERRUPTS
from harness.predict.timers import Timers
from harness.profile.folder import Profile
from harness.simulate.assumed import QUIET_LAB, Assumed
from harness.simulate.clients import Clients
from harness.simulate.measures import arrival, measures
from harness.simulate.play import Play
from harness.simulate.record import Record
from harness.simulate.samples import Samples
from harness.spec import Scenario
from harness.steps import BASELINE_S, Hold, Step

BLOCK = 500  # trials a process takes at once
SEEDS = 1 << 40  # more than any number of trials


def played(
    scenario: Scenario,
    profile: Profile,
    trials: int,
    seed: int,
    deadline_s: float = 1.0,
    progress: Callable[[int], None] = lambda done: None,
    assumed: Assumed = QUIET_LAB,
) -> Samples:
    """Play a scenario in the model as a trial would, its first undisturbed seconds included."""
    steps = [Hold(BASELINE_S), *scenario.steps(Timers(profile))]
    return simulate(compiled(profile), steps, trials, seed, deadline_s, assumed, progress=progress)


def simulate(
    chain: Numbers,
    steps: Sequence[Step],
    trials: int,
    seed: int,
    deadline_s: float = 1.0,
    assumed: Assumed = QUIET_LAB,
    processes: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Samples:
    """Play a scenario's steps as often as asked; raise UsageError where a fault does what the model does not know.

    `deadline_s` is what a client gives a request. `progress` is told after each block how many trials are done.
    """
    work = _Work(chain, steps, seed, deadline_s, assumed)
    blocks = [range(first, min(first + BLOCK, trials)) for first in range(0, trials, BLOCK)]
    processes = min(len(blocks), processes or _processors())
    samples = Samples()
    if processes < 2:
        for block in blocks:
            samples.join(work.block(block))
            progress(samples.trials)
        return samples
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)  # none is for a helper that still has our handlers
    try:
        # Forked, so that a fault that a scenario's own file defines need not be importable.
        with ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), _begin, (work, heard)) as pool:
            try:
                parts = pool.map(_block, blocks)
                signal.pthread_sigmask(signal.SIG_SETMASK, heard)
                for part in parts:
                    samples.join(part)
                    progress(samples.trials)
            except BaseException:
                # Blocks under way come to their end: a helper that is killed may hold a lock that others wait for.
                pool.shutdown(cancel_futures=True)
                raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)
    return samples


def _processors() -> int:
    """Return how many processors this process may use; not every system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Work:
    """What is to be played; each trial has a seed of its own."""

    def __init__(self, chain: Numbers, steps: Sequence[Step], seed: int, deadline_s: float, assumed: Assumed) -> None:
        self.chain, self.steps, self.seed, self.assumed = chain, steps, seed, assumed
        self.clients = Clients(chain, deadline_s, assumed)

    def block(self, numbers: range) -> Samples:
        samples = Samples()
        for number in numbers:
            record = Play(self.chain, self.steps, self.assumed, self.seed * SEEDS + number).record()
            samples.trials += 1
            samples.broken_off += record.broken_off
            samples.by_effect |= record.by_effect
            samples.add(measures(self.chain, record, self.clients, self.assumed))
            self._count(samples, record)
        return samples

    def _count(self, samples: Samples, record: Record) -> None:
        for index, fault in enumerate(record.struck):
            samples.faults[index] = fault.name
            samples.struck.setdefault(index, Counter())[self.chain.names[fault.node]] += 1
            later = record.struck[index + 1].at_s if index + 1 < len(record.struck) else record.end_s
            came = arrival(record, fault, min(fault.healed_s or later, later))
            if came:
                samples.moved.setdefault(index, Counter())[self.chain.names[came[1]]] += 1


_work: _Work


def _begin(work: _Work, heard: set[int | signal.Signals]) -> None:
    global _work
    _work = work
    # An interrupt is the parent's to handle.
    for number in INTERRUPTS:
        signal.signal(number, signal.SIG_DFL if number is signal.SIGTERM else signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def _block(numbers: range) -> Samples:
    return _work.block(numbers)
