"""Print what the harness itself costs: a lab's start, a trial's overhead, the prober's lateness, memory."""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from pathlib import Path

import docker
from rich.console import Console
from rich.table import Table

from harness import assets, catalogue, history, store
from harness.analysis.requests import prober
from harness.campaign import Series
from harness.events import Probe
from harness.lab import clients, engine, gate
from harness.lab import lab as labs
from harness.lab.clients import Rates
from harness.lab.lab import Lab
from harness.predict.timers import Timers
from harness.profile import folder as profiles
from harness.profile.folder import Profile
from harness.runner import Turn
from harness.simulate.simulate import played
from harness.steps import BASELINE_S, Hold

REPEATS, PROBE_S, SIMULATED = 5, 10.0, 100_000
out = Console(width=110)


def main() -> None:
    """Run every benchmark on the article's profile."""
    client = engine.find(out.log)
    profile = profiles.load(profiles.find("article", assets.PROFILES))
    table = Table("what", "figure", "against", box=None, padding=(0, 2, 0, 0))
    for row in (*_labs(client, profile), *_probers(client, profile), _trial(client, profile), _simulated(profile)):
        table.add_row(*row)
    out.print(table)


def _labs(client: docker.DockerClient, profile: Profile) -> list[tuple[str, str, str]]:
    ups, steadies, memory = [], [], ""
    for _ in range(REPEATS):
        began = time.monotonic()
        with labs.up(client, profile, lambda text: None) as lab:
            ups.append(time.monotonic() - began)
            gate.await_steady(lab, within_s=60)
            steadies.append(time.monotonic() - began)
            memory = _memory(client, lab)
    election = Timers(profile).first_election_s
    return [
        ("lab up, with both daemons' own checks", _points(ups), ""),
        ("lab up to steady state", _points(steadies), f"first election alone takes {election:.2f} s"),
        ("memory of a lab (RSS, four containers)", memory, ""),
        ("apiserver: exec to first answer", _first_answer(client, profile), "0.3 s wanted"),
    ]


def _memory(client: docker.DockerClient, lab: Lab) -> str:
    time.sleep(2)
    each = {}
    for machine in lab.machines():
        said = machine.run("sh", "-c", "cat /proc/[0-9]*/status", check=False)  # some end meanwhile
        each[machine.name] = sum(int(kb) for kb in re.findall(r"VmRSS:\s+(\d+) kB", said)) / 1024
    return f"{sum(each.values()):.0f} MiB ({', '.join(f'{n} {m:.0f}' for n, m in each.items())})"


def _first_answer(client: docker.DockerClient, profile: Profile) -> str:
    script = """
import subprocess, time, socket, ssl
env = dict(l.split('=', 1) for l in open('/etc/harness/node.env').read().replace("'", '').splitlines())
context = ssl._create_unverified_context()
for n in range(5):
    began = time.monotonic()
    p = subprocess.Popen(['kube-apiserver', '--secure-port', str(7500 + n), '--node-name', env['NODE'],
        '--etcd-servers', 'http://127.0.0.1:2379', '--tls-cert-file', '/etc/harness/apiserver.crt',
        '--tls-private-key-file', '/etc/harness/apiserver.key', '--token-file', '/etc/harness/token'],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            with context.wrap_socket(socket.create_connection(('127.0.0.1', 7500 + n))) as s:
                s.sendall(b'GET /livez HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n')
                if b' 200 ' in s.recv(100):
                    break
        except OSError:
            time.sleep(0.001)
    print(time.monotonic() - began)
    p.kill(); p.wait()
"""
    with labs.up(client, profile, lambda text: None) as lab:
        gate.await_steady(lab, within_s=60)
        said = lab.nodes["m3"].run("python3", "-c", script)
    return _points([float(line) for line in said.split()])


def _probers(client: docker.DockerClient, profile: Profile) -> list[tuple[str, str, str]]:
    rows = []
    for rate in (200, 500):
        with labs.up(client, profile, lambda text: None) as lab:
            gate.await_steady(lab, within_s=60)
            clients.start(lab, Rates(fresh=rate / 2, kept=rate / 2))
            time.sleep(PROBE_S)
            clients.stop(lab)
            data = lab.client.fetch("/var/lib/harness/events")["events/prober.jsonl"]
        recorded = history.History(history.decode(data.splitlines(), "prober.jsonl"))
        account = prober(recorded)
        assert account is not None
        sent = sum(1 for _ in recorded.of(Probe))
        failed = sum(1 for e in recorded.of(Probe) if e.data.error)
        rows.append(
            (
                f"prober's lateness p99 at {rate}/s for {PROBE_S:.0f} s",
                f"{account.lateness_ms_p99:.2f} ms",
                f"{sent} sent, {failed} failed, {account.cap_hits} cap hits; half of them fresh connections",
            )
        )
    return rows


def _trial(client: docker.DockerClient, profile: Profile) -> tuple[str, str, str]:
    timers, scenario = Timers(profile), catalogue.find("kill-apiserver")
    owed = timers.first_election_s + BASELINE_S + sum(s.seconds for s in scenario.steps(timers) if isinstance(s, Hold))
    with tempfile.TemporaryDirectory() as scratch:
        folder, begun = store.new_campaign(Path(scratch))
        store.save_campaign(folder, begun)
        began = time.monotonic()
        verdict = Series(folder, client).trial(Turn("kill-apiserver", scenario, profile), lambda text: None)
        took = time.monotonic() - began
    (row, *_) = verdict.evictions
    owed += row.readmission_s["max"] if isinstance(row.readmission_s, dict) else 0.0
    return "a kill-apiserver trial, from nothing to its verdict", f"{took:.1f} s", f"its own timers take {owed:.1f} s"


def _simulated(profile: Profile) -> tuple[str, str, str]:
    began = time.monotonic()
    played(catalogue.find("kill-haproxy"), profile, SIMULATED, seed=1)
    return f"{SIMULATED:_} simulated trials of kill-haproxy", f"{time.monotonic() - began:.1f} s", "60 s wanted"


def _points(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"{statistics.median(ordered):.2f} s (of {len(ordered)}: {ordered[0]:.2f}–{ordered[-1]:.2f})"


if __name__ == "__main__":
    main()
