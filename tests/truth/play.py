"""A lab whose VIP is moved by hand, faults of known length in it, and one history of all that."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import docker

from harness import history
from harness.events import Fact
from harness.history import Event, History
from harness.lab import clients, gate
from harness.lab import lab as labs
from harness.lab.clients import Rates
from harness.lab.machine import Machine
from harness.profile.folder import Profile
from tests.truth.cases import LENGTHS_MS, REPEATS, Case, Truth

BY_HAND = Path(__file__).with_name("byhand.py").read_text()
REST_S = 1.2  # longer than a request's deadline: no case reaches into the next


def play(engine: docker.DockerClient, profile: Profile) -> Truth:
    """Do every case once, in one lab."""
    with labs.up(engine, profile, print) as lab:
        gate.await_steady(lab, within_s=60)
        vip, port = str(lab.plain.facts.vip), str(lab.plain.facts.port)
        for node in lab.nodes.values():
            node.service("down", "keepalived")
        for machine in lab.machines():
            machine.put({"/tmp/byhand.py": (BY_HAND, 0o644)})
        time.sleep(1)
        by_hand(lab.nodes["m1"], "take", vip)
        mac = lab.nodes["m1"].ask("cat", "/sys/class/net/eth0/address").strip()
        clients.start(lab, Rates())
        time.sleep(3)
        done = Truth()
        for length in LENGTHS_MS * REPEATS:
            with_rest(done, "drop", length, lambda n=length: by_hand(lab.client, "drop", vip, mac, str(n)))
        for length in LENGTHS_MS * REPEATS:
            with_rest(done, "gap", length, lambda n=length: gap(lab.nodes["m1"], vip, n))
        for length in (300, 50) * REPEATS:
            with_rest(done, "dual", length, lambda n=length: by_hand(lab.nodes["m2"], "hold", vip, str(n)))
            by_hand(lab.nodes["m1"], "leave", vip)
            by_hand(lab.nodes["m1"], "take", vip)
        for length in (500, 1000) * (REPEATS // 2):
            with_rest(done, "freeze", length, lambda n=length: by_hand(lab.nodes["m1"], "freeze", str(n)))
        for length in (200, 500) * REPEATS:
            with_rest(done, "refuse", length, lambda n=length: by_hand(lab.nodes["m1"], "refuse", port, str(n)))
        time.sleep(1)
        clients.stop(lab)
        lines = [e for m in lab.machines() for e in recorded(m)]
    done.history = History(lines)
    return done


def recorded(machine: Machine) -> list[Event[Fact]]:
    machine.run("sh", "-c", "sv -w 3 down /etc/sv/agent-*", check=False)
    files = machine.fetch("/var/lib/harness/events")
    return [e for path, data in files.items() for e in history.decode(data.splitlines(), path)]


def by_hand(machine: Machine, *words: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(machine.run("python3", "/tmp/byhand.py", *words))
    return told


def gap(node: Machine, vip: str, length_ms: int) -> dict[str, Any]:
    """Take the VIP away from a node and give it back: `off` and `on` are the edges of the time without."""
    script = f"""
import sys; sys.path.insert(0, "/tmp"); import byhand, json, time
time.sleep(byhand.REST_S)
off = byhand.leave({vip!r})["off"]
byhand.sleep_until(off[1] + {length_ms} * 1_000_000)
print(json.dumps(dict(on=off, off=byhand.take({vip!r})["on"])), flush=True)
time.sleep(byhand.REST_S)
"""
    told: dict[str, Any] = json.loads(node.run("python3", "-c", script))
    return told


def with_rest(done: Truth, kind: str, length_ms: int, deed) -> None:
    start = time.monotonic_ns() - 300_000_000
    told = deed()
    time.sleep(REST_S)
    done.cases.append(Case(kind, length_ms, told, start, time.monotonic_ns() - 100_000_000))
