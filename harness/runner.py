"""One trial: build, wait for the steady state, break and heal, record. It acts and never judges."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import docker

from harness import disk, history, store
from harness.chain.failure import of_effect
from harness.contracts import Fault, Progress
from harness.errors import FaultError, HarnessError, HistoryError, Interrupted, UnsteadyError, UsageError
from harness.events import AgentStart, Fact, FaultEffect, StepTaken, Unsteady
from harness.history import Event
from harness.lab import clients, gate
from harness.lab import lab as labs
from harness.lab.clients import Rates
from harness.lab.haproxy_log import sessions
from harness.lab.lab import Lab
from harness.lab.machine import Machine
from harness.lab.target import Target
from harness.predict.patience import clients_s
from harness.predict.timers import Timers
from harness.profile.folder import Profile
from harness.profile.record import record
from harness.select import meant
from harness.spec import Scenario
from harness.steps import BASELINE_S, BROKE_OFF, Await, Condition, Heal, Hold, Inject, Step, told

Logs = dict[str, bytes]  # path → text


@dataclass(frozen=True)
class Turn:
    """One trial to be run: a scenario, by its name, on a profile.

    `phase`, in [0, 1), is where in the profile's slowest period the scenario begins; drawn where not given. With
    `until_clients` nothing is healed before every client has come to the end that is predicted of it.
    """

    name: str
    scenario: Scenario
    profile: Profile
    phase: float | None = None
    until_clients: bool = False


@dataclass
class Trial:
    """A scenario being played on a lab, until it is over or `halt` is set."""

    scenario: Scenario
    lab: Lab
    progress: Progress
    phase: float = 0.0
    halt: threading.Event = field(default_factory=threading.Event)
    in_force: list[tuple[Fault, Machine, int]] = field(default_factory=list)
    steps_taken: list[Event[Fact]] = field(default_factory=list)
    injected: int = 0
    owner_at_fault: str | None = None
    until_clients: bool = False
    clients_until: float = 0.0  # by time.monotonic

    def play(self) -> None:
        """Take every step; whatever happens, what was broken is healed."""
        try:
            # Checks and adverts have their own beat: a fault at a fixed moment would always meet it in the same place.
            self.rest()
            for step in self.scenario.steps(self.lab.timers):
                if self.injected and isinstance(step, Inject | Heal):
                    self.take(Hold(random.random() * self.lab.timers.slowest_broken_s))
                if isinstance(step, Heal) and self.until_clients:
                    self.take(Hold(max(0.0, self.clients_until - time.monotonic())))
                self.take(step)
        except FaultError as error:  # what was seen until then is judged, and the rest was never asked
            self.note(BROKE_OFF, str(error))
        finally:
            self._heal()

    def rest(self) -> None:
        """Hold the baseline, and on to the trial's phase of the slowest period."""
        self.take(Hold(BASELINE_S + self.phase * self.lab.timers.slowest_period_s))

    def take(self, step: Step) -> None:
        self.note(type(step).__name__, told(step))
        match step:
            case Hold(seconds=seconds):
                if self.halt.wait(seconds):
                    raise Interrupted
            case Inject(fault=fault):
                self._inject(fault)
            case Heal():
                self._heal()
            case Await(condition=condition, within_s=within_s):
                self._await(condition, within_s)

    def _inject(self, fault: Fault) -> None:
        if len(self.in_force) >= self.scenario.blast_radius:
            raise UsageError(f"the scenario may break {self.scenario.blast_radius} node(s) at once, not one more")
        name = meant(fault, self.lab.live)
        if name is None:
            runs = "".join(f" and has {process}" for process in fault.effect.processes)
            raise FaultError(f"no node fits {type(fault.on).__name__}{runs} as things stand")
        self.owner_at_fault = self.lab.live.vip_owner
        target, index = self.lab.nodes[name], self.injected
        self.injected += 1
        self.in_force.append((fault, target, index))
        about = type(fault).__name__
        self.record(FaultEffect(fault=about, node=name, index=index, effect=fault.effect))
        fault.inject(Target(target, about, index, "inject"))
        if self.until_clients:
            longest_s = clients_s(self.lab.timers.chain, of_effect(fault.effect, name), self.owner_at_fault)
            self.clients_until = max(self.clients_until, time.monotonic() + longest_s)
        if not target.powered:
            self.lab.live.forget(name)
        elif fault.effect.silent:
            self.lab.live.silence(name)
        self.note("injected", f"{type(fault).__name__} on {name}")

    def _heal(self) -> None:
        while self.in_force:
            self.heal_last()

    def heal_last(self) -> None:
        """Undo the last fault that is in force."""
        fault, target, index = self.in_force.pop()
        was_off = not target.powered
        fault.heal(Target(target, type(fault).__name__, index, "heal"))
        if was_off:
            self.lab.live.follow(target)
        self.lab.live.silence(target.name, False)
        self.note("healed", f"{type(fault).__name__} on {target.name}")

    def _await(self, condition: Condition, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            moved = bool(set(self.lab.live.holders) - {self.owner_at_fault})
            if moved if condition is Condition.VIP_MOVED else self.lab.unsteady() is None:
                return
            if self.halt.wait(0.02):
                raise Interrupted
        self.note("missed", f"not within {within_s:.1f} s: {condition.value}")

    def note(self, name: str, detail: str) -> None:
        """Tell the user, and write it down."""
        self.progress(f"{name.lower()}: {detail}" if detail else name.lower())
        self.record(StepTaken(name=name, detail=detail))

    def record(self, fact: Fact) -> None:
        """Write an event with a stamp of the harness' own clock, which never enters a measure."""
        self.steps_taken.append(Event(time.monotonic_ns(), "harness", "runner", len(self.steps_taken), fact))


def run(
    turn: Turn,
    folder: Path,
    engine: docker.DockerClient,
    progress: Progress,
    rates: Rates,
    keep: bool,
    halt: threading.Event,
) -> None:
    """Play a turn and leave spec.json, history.jsonl and logs in `folder`, also where it breaks off.

    `keep` leaves the lab up; once `halt` is set it breaks off.
    """
    with labs.up(engine, turn.profile, progress, restart=turn.scenario.restart, keep=keep) as lab:
        progress(f"lab {lab.name} is up; waiting for its first election")
        phase = random.random() if turn.phase is None else turn.phase
        trial = Trial(turn.scenario, lab, progress, phase, halt, until_clients=turn.until_clients)
        try:
            if steady(trial):
                clients.start(lab, rates)
                trial.play()
        finally:
            progress("collecting")
            with contextlib.suppress(HarnessError):
                clients.stop(lab)
            collect(trial, turn.name, folder)


def steady(trial: Trial) -> bool:
    """Wait for the steady state and note what came of it; a chain that never gets there is a result, too."""
    lab = trial.lab
    began, stalled_s = time.monotonic(), lab.client.stalled_s()
    try:
        waited = gate.await_steady(lab, patience_s(lab.timers), trial.halt)
    except UnsteadyError as error:
        stalled = (lab.client.stalled_s() - stalled_s) / (time.monotonic() - began)
        trial.record(Unsteady(cause=error.cause, ended=error.certain, stalled_share=round(stalled, 3)))
        trial.progress(f"not steady: {error.cause}")
        return False
    trial.note("steady", f"after {waited:.1f} s")
    return True


def patience_s(timers: Timers) -> float:
    """Return how long a healthy lab may take: start, first election, and every server's checks."""
    return 30.0 + timers.first_election_s + timers.failback_s.max + timers.readmission_s.max


def collect(trial: Trial, name: str, folder: Path) -> None:
    """End the agents, and keep what every machine recorded and logged."""
    machines = trial.lab.machines()
    with ThreadPoolExecutor() as pool:
        under_way = {machine.name: pool.submit(_fetch, machine) for machine in machines}
    found = {name: done.result() for name, done in under_way.items() if done.exception() is None}
    lost = [error for done in under_way.values() if (error := done.exception()) is not None]
    if found:
        events = [event for machine_events, _ in found.values() for event in machine_events]
        store.save_trial(folder, _spec(trial, name), [*trial.steps_taken, *events])
    for machine, (_, logs) in found.items():  # after the events, as a disk may be full
        _keep(logs, folder / "logs" / machine)
    if lost:
        raise lost[0]


def _fetch(machine: Machine) -> tuple[list[Event[Fact]], Logs]:
    """End a machine's agents, and return its events and logs; a machine that is off still has its disk."""
    if machine.powered:
        machine.run("sh", "-c", "sv -w 30 down /etc/sv/agent-*", check=False)
    logs = machine.fetch("/var/log")
    files = machine.fetch("/var/lib/harness/events")
    events = [event for path, data in files.items() for event in _whole(data, f"{machine.name}:{path}")]
    return [*events, *_sessions(machine.name, logs, events)], logs


def _keep(logs: Logs, folder: Path) -> None:
    for path, data in logs.items():
        target = folder / path
        disk.folder(target.parent)
        with disk.told(target):
            target.write_bytes(data)


def _sessions(node: str, logs: Logs, events: list[Event[Fact]]) -> Iterator[Event[Fact]]:
    """Yield what haproxy's own log tells, wherever the profile has it written."""
    offsets = [o for e in events if isinstance(e.data, AgentStart) and (o := e.data.realtime_offset_ns) is not None]
    for path in sorted(map(Path, logs)) if offsets else ():
        if path.name == "haproxy.log" or path.parent.name == "haproxy":
            yield from sessions(node, logs[str(path)].decode(errors="replace"), offsets[0])


def _whole(data: bytes, name: str) -> list[Event[Fact]]:
    """Decode a node's events; a crash may have cut the last line short."""
    lines = data.splitlines()
    if data and not data.endswith(b"\n"):
        lines = lines[:-1]
    try:
        return list(history.decode(lines, name))
    except HistoryError:
        # A line torn by a crash in the middle of a file: the file goes on after the node's return.
        return [e for line in lines for e in _readable(line)]


def _readable(line: bytes) -> list[Event[Fact]]:
    try:
        return list(history.decode([line], ""))
    except HistoryError:
        return []


def _spec(trial: Trial, name: str) -> store.Spec:
    lab = trial.lab
    plain, run_as = lab.plain, lab.instrumented.profile
    return store.Spec(
        scenario=store.Named(name, trial.scenario.summary, trial.scenario.file),
        phase=store.Phase(round(trial.phase, 6), trial.lab.timers.slowest_period_s),
        profile=record(plain, run_as),
        nodes={n: store.Machine(str(a), plain.facts.roles[n]) for n, a in plain.facts.nodes.items()},
        backends=plain.backends,
        versions=lab.versions,
        guests=lab.guests(),
    )
