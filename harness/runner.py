"""One trial: build, wait for the steady state, break and heal, record. It acts and never judges."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker

from harness import history, store
from harness.contracts import Fault
from harness.errors import FaultError, HistoryError, Interrupted, LabError
from harness.history import Event
from harness.lab import lab as labs
from harness.lab.lab import Lab
from harness.lab.machine import Machine
from harness.model.timers import APISERVER_TIMEOUT_S, Timers
from harness.profile.folder import Profile
from harness.profile.record import record
from harness.sessions import sessions
from harness.spec import Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject, Step

Progress = Callable[[str], None]
BASELINE_S = 3.0  # enough undisturbed requests to know the chain's own latency


@dataclass(frozen=True)
class Rates:
    """What the clients do: requests a second on fresh and on kept connections, their deadline; and the writer's period.

    A write may take longer than the apiservers need to refuse it, so that a refusal is told from a hang.
    """

    fresh: float = 100.0
    kept: float = 100.0
    deadline_s: float = 1.0
    write_period_s: float = 0.05
    write_deadline_s: float = 2 * APISERVER_TIMEOUT_S


@dataclass
class Trial:
    """A scenario being played on a lab, until it is over or `halt` is set."""

    scenario: Scenario
    lab: Lab
    progress: Progress
    phase: float = 0.0
    halt: threading.Event = field(default_factory=threading.Event)
    in_force: list[tuple[Fault, Machine, int]] = field(default_factory=list)
    steps_taken: list[Event] = field(default_factory=list)
    injected: int = 0
    owner_at_fault: str | None = None

    def play(self) -> None:
        """Take every step; whatever happens, what was broken is healed."""
        try:
            # Checks and adverts have their own beat: a fault at a fixed moment would always meet it in the same place.
            rest = Hold(BASELINE_S + self.phase * self.lab.timers.slowest_period_s)
            for step in [rest, *self.scenario.steps(self.lab.timers)]:
                if self.injected and isinstance(step, Inject | Heal):
                    self._take(Hold(random.random() * self.lab.timers.slowest_period_s))
                self._take(step)
        finally:
            self._heal()

    def _take(self, step: Step) -> None:
        self.note(type(step).__name__, _told(step))
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
            raise FaultError(f"the scenario may break {self.scenario.blast_radius} node(s) at once, not one more")
        name = fault.on.pick(self.lab.live)
        if name is None:
            raise FaultError(f"no node fits {fault.on}")
        self.owner_at_fault = self.lab.live.vip_owner
        target, index = self.lab.nodes[name], self.injected
        self.injected += 1
        self.in_force.append((fault, target, index))
        fault.inject(target, index)
        if not target.powered:
            self.lab.live.forget(name)
        self.note("injected", f"{type(fault).__name__} on {name}")

    def _heal(self) -> None:
        while self.in_force:
            fault, target, index = self.in_force.pop()
            was_off = not target.powered
            fault.heal(target, index)
            if was_off:
                self.lab.live.follow(target)
            self.note("healed", f"{type(fault).__name__} on {target.name}")

    def _await(self, condition: Condition, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            owner = self.lab.live.vip_owner
            moved = owner is not None and owner != self.owner_at_fault
            if moved if condition is Condition.VIP_MOVED else self.lab.unsteady() is None:
                return
            if self.halt.wait(0.02):
                raise Interrupted
        self.note("missed", f"not within {within_s:.1f} s: {condition.value}")

    def note(self, name: str, detail: str) -> None:
        """Tell the user, and write a stamp of the harness' own clock, which never enters a measure."""
        self.progress(f"{name.lower()}: {detail}" if detail else name.lower())
        data = {"name": name, "detail": detail}
        self.steps_taken.append(Event(time.monotonic_ns(), "harness", "runner", len(self.steps_taken), "step", data))


def run(
    engine: docker.DockerClient,
    name: str,
    scenario: Scenario,
    profile: Profile,
    folder: Path,
    progress: Progress,
    rates: Rates = Rates(),
    keep: bool = False,
    halt: threading.Event | None = None,
    phase: float | None = None,
) -> None:
    """Play `scenario` and leave spec.json, history.jsonl and logs in `folder`, also where it breaks off.

    `phase`, in [0, 1), is where in the profile's slowest period the scenario begins; drawn where not given.
    """
    with labs.up(engine, profile, progress, restart=scenario.restart, keep=keep) as lab:
        progress(f"lab {lab.name} is up; waiting for its first election")
        trial = Trial(scenario, lab, progress, random.random() if phase is None else phase)
        trial.halt = halt or trial.halt
        try:
            waited = labs.await_steady(lab, _patience_s(lab.timers), trial.halt)
            trial.note("steady", f"after {waited:.1f} s")
            start_clients(lab, rates)
            trial.play()
        finally:
            progress("collecting")
            with contextlib.suppress(LabError):
                stop_clients(lab)
            collect(trial, name, folder)


def _patience_s(timers: Timers) -> float:
    """Return how long a healthy lab may take: start, first election, and every server's checks."""
    return 30.0 + timers.first_election_s + timers.failback_s.max + timers.readmission_s.max


def start_clients(lab: Lab, rates: Rates) -> None:
    """Start the writer, the watcher and the prober."""
    prober = f"--rate-fresh {rates.fresh} --rate-kept {rates.kept} --deadline {rates.deadline_s}\n"
    writer = f"--period {rates.write_period_s} --deadline {rates.write_deadline_s}\n"
    lab.client.put({"/etc/harness/prober.args": (prober, 0o644), "/etc/harness/writer.args": (writer, 0o644)})
    for service in ("writer", "watcher", "prober"):
        lab.client.service("once", service)


def stop_clients(lab: Lab) -> None:
    """Let both end what is under way, and the writer read back what it wrote."""
    for service in ("prober", "watcher", "writer"):
        lab.client.run("sv", "-w", "45", "down", f"/etc/sv/{service}", check=False)


def collect(trial: Trial, name: str, folder: Path) -> None:
    """End the agents, and keep what every machine recorded and logged."""
    with ThreadPoolExecutor() as pool:
        found = pool.map(lambda machine: _fetch(machine, folder / "logs" / machine.name), trial.lab.machines())
        events = [event for group in found for event in group]
    store.save_trial(folder, _spec(trial, name), [*trial.steps_taken, *events])


def _fetch(machine: Machine, logs: Path) -> list[Event]:
    """End a machine's agents, keep its logs, and return its events; a machine that is off still has its disk."""
    if machine.powered:
        machine.run("sh", "-c", "sv -w 3 down /etc/sv/agent-*", check=False)
    for path, data in machine.fetch("/var/log").items():
        target = logs / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    files = machine.fetch("/var/lib/harness/events")
    events = [event for path, data in files.items() for event in _whole(data, f"{machine.name}:{path}")]
    return [*events, *_sessions(machine.name, logs, events)]


def _sessions(node: str, logs: Path, events: list[Event]) -> Iterator[Event]:
    """Yield what haproxy's own log tells, wherever the profile has it written."""
    offsets = [e.data["realtime_offset_ns"] for e in events if e.kind == "agent.start"]
    for path in sorted(logs.rglob("*")) if offsets else ():
        if path.is_file() and (path.name == "haproxy.log" or path.parent.name == "haproxy"):
            yield from sessions(node, path.read_text(errors="replace"), offsets[0])


def _whole(data: bytes, name: str) -> list[Event]:
    """Decode a node's events; a crash may have cut the last line short."""
    lines = data.splitlines()
    if data and not data.endswith(b"\n"):
        lines = lines[:-1]
    try:
        return list(history.decode(lines, name))
    except HistoryError:
        # A line torn by a crash in the middle of a file: the file goes on after the node's return.
        return [e for line in lines for e in _readable(line)]


def _readable(line: bytes) -> list[Event]:
    try:
        return list(history.decode([line], ""))
    except HistoryError:
        return []


def _spec(trial: Trial, name: str) -> dict[str, Any]:
    lab = trial.lab
    plain, run_as = lab.plain, lab.instrumented.profile
    return {
        "schema": store.SCHEMA,
        "scenario": {"name": name, "summary": trial.scenario.summary},
        "phase": {"share": round(trial.phase, 6), "period_s": trial.lab.timers.slowest_period_s},
        "profile": record(plain, run_as),
        "nodes": {n: {"address": str(a)} for n, a in plain.facts.nodes.items()},
        "backends": plain.backends,
        "versions": lab.versions,
    }


def _told(step: Step) -> str:
    match step:
        case Hold(seconds=seconds):
            return f"{seconds:.1f} s"
        case Inject(fault=fault):
            return f"{type(fault).__name__} on {type(fault.on).__name__}"
        case Await(condition=condition, within_s=within_s):
            return f"{condition.value} (at most {within_s:.1f} s)"
        case Heal():
            return ""
