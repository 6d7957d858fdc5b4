"""What measuring costs, and whether it changes what is measured: `make bench-cost` (a quarter of an hour).

Twenty times haproxy is killed on the VIP's owner with every agent at work, and twenty times, in turn, with the
client's probe alone; a shell in the container kills and stamps. The blackouts that the same probe saw of both kinds
are compared with a permutation test on their medians.
"""

from __future__ import annotations

import itertools
import json
import random
import statistics
import sys
import time
from collections import Counter

from rich.console import Console
from rich.table import Table

from harness import assets, history
from harness.analysis.blackout import longest
from harness.clock import NS, Bounds
from harness.events import Probe
from harness.history import History
from harness.lab import clients, engine, gate
from harness.lab import lab as labs
from harness.lab.clients import Rates
from harness.lab.lab import Lab
from harness.lab.machine import Machine
from harness.predict.timers import Timers
from harness.profile import folder as profiles

TIMES, STEADY_S, SHUFFLES = 20, 20.0, 10_000
BUDGET, SIGNIFICANT = 0.25, 0.01
ON_TOP = "h2_clients"  # as many as a trial's, six of the client's and one on every node: not of the budget
AGENTS = {"client": ("agent-wire", "agent-arp"), "master": ("agent-wire", "agent-node")}
KILL = """
import json, os, signal, subprocess, time
pids = [int(n) for n in subprocess.run(["pidof", "haproxy"], capture_output=True).stdout.split()]
before = time.monotonic_ns()
for pid in pids: os.kill(pid, signal.SIGKILL)
print(json.dumps([before, time.monotonic_ns()]))
"""
TICKS = """for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; sed 's/.*) //' $p/stat; done 2>/dev/null"""
out = Console(width=110)


def main() -> None:
    """Print both answers; fail where the agents take more than a quarter of a core or change the blackout."""
    profile = profiles.load(profiles.find("article", assets.PROFILES))
    timers = Timers(profile)
    with labs.up(engine.find(out.log), profile, lambda text: None) as lab:
        gate.await_steady(lab, within_s=60)
        shares = cpu_shares(lab)
        found: dict[bool, list[float]] = {True: [], False: []}
        for number, full in itertools.product(range(TIMES), (True, False)):
            found[full].append(blackout(lab, full, timers))
            out.log(f"{number + 1}/{TIMES} {'all agents' if full else 'probe alone'}: {found[full][-1]:.3f} s")
    table = Table("agent", "share of a core")
    for name, share in shares.most_common():
        table.add_row(name, f"{share:.1%}")
    out.print(table)
    within = shares.total() - shares[ON_TOP]
    out.print(f"all but {ON_TOP}: {within:.1%} of a core, at most {BUDGET:.0%} wanted")
    table = Table("instrumented with", "n", "median s", "least", "greatest")
    for name, values in (("all agents", found[True]), ("the probe alone", found[False])):
        points = (statistics.median(values), min(values), max(values))
        table.add_row(name, str(len(values)), *(f"{p:.3f}" for p in points))
    out.print(table)
    chance = permuted(found[True], found[False])
    out.print(f"medians so far apart, or farther, by chance alone: p = {chance:.2f}")
    sys.exit(within > BUDGET or chance < SIGNIFICANT)


def cpu_shares(lab: Lab) -> Counter[str]:
    """Return each agent's share of one core in the steady state at default rates, summed over the machines."""
    clients.start(lab, Rates())
    time.sleep(2)
    before, began = _ticks(lab), time.monotonic()
    time.sleep(STEADY_S)
    spent = _ticks(lab) - before
    seconds = time.monotonic() - began
    clients.stop(lab)
    return Counter({name: ticks / 100 / seconds for name, ticks in spent.items()})


def _ticks(lab: Lab) -> Counter[str]:
    found: Counter[str] = Counter()
    for machine in lab.machines():
        lines = machine.run("bash", "-c", TICKS, check=False).splitlines()
        for command, stat in zip(lines[::2], lines[1::2], strict=False):
            if "harness.agent." in command:
                fields = stat.split()  # from the state on: utime and stime are the 12th and 13th
                found[command.split("harness.agent.")[1].split()[0]] += int(fields[11]) + int(fields[12])
    return found


def blackout(lab: Lab, full: bool, timers: Timers) -> float:
    """Kill the owner's haproxy once; return how long the fresh stream was without an answer, its bounds' middle."""
    home = lab.nodes["m1"]
    for machine in lab.machines():
        kind = "client" if machine is lab.client else "master"
        for agent in AGENTS[kind]:
            machine.service("up" if full else "down", agent)
    lab.client.run("sh", "-c", "rm -f /var/lib/harness/events/prober.jsonl")
    lab.client.service("once", "prober")
    time.sleep(3)
    killed = json.loads(home.run("python3", "-c", KILL))
    time.sleep(timers.script_failover_s.max + 1.5)
    home.service("up", "haproxy")
    lab.client.run("sv", "-w", "10", "down", "/etc/sv/prober")
    _await_home(home, str(lab.plain.facts.vip), 30)
    lines = lab.client.run("cat", "/var/lib/harness/events/prober.jsonl").encode().splitlines()
    probes = History(history.decode(lines, "prober.jsonl")).of(Probe, stream="fresh")
    seen = longest(probes, killed[0], killed[1] + 20 * NS)
    assert isinstance(seen, Bounds), seen
    return (seen.min + seen.max) / 2


def _await_home(home: Machine, vip: str, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while vip not in home.run("ip", "-o", "address", "show", "eth0"):
        if time.monotonic() > deadline:
            sys.exit(f"the VIP was not back within {within_s:.0f} s")
        time.sleep(0.25)
    time.sleep(1)


def permuted(one: list[float], other: list[float]) -> float:
    """Return how often a random split of all values sets the medians as far apart; a fixed seed, so that it repeats."""
    apart = abs(statistics.median(one) - statistics.median(other))
    pool, shuffler, as_far = [*one, *other], random.Random(1), 0
    for _ in range(SHUFFLES):
        shuffler.shuffle(pool)
        as_far += abs(statistics.median(pool[: len(one)]) - statistics.median(pool[len(one) :])) >= apart
    return as_far / SHUFFLES


if __name__ == "__main__":
    main()
