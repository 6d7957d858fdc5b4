"""One kill-node failover, watched at once by the harness and by what people use today: `make bench-peers`.

Every tool runs in the client's network namespace. The truth is tcpdump's: the time between the last echo reply of the
old owner and the first of the new one, to pings a millisecond apart. A request that was due in that time cannot have
been answered in it.
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import itertools
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bench.capture import Witnessed, trial
from harness.analysis.blackout import longest, ok
from harness.analysis.faults import faults
from harness.clock import NS, Bounds
from harness.events import Probe
from harness.figures import rounded, told
from harness.lab.lab import Lab

WATCH_S, PATIENCE_S = 24, 1
CHAOS = Path(__file__).parents[1] / ".venv-peers/bin/chaos"
HEY = ["hey", "-z", f"{WATCH_S}s", "-c", "10", "-q", "10", "-t", f"{PATIENCE_S}"]
CURL = (
    "for n in $(seq {watch}); do echo $(date +%s.%N) $(curl -sk -m {patience} -o /dev/null -w '%{{http_code}}' {url}) "
    "$(date +%s.%N); sleep 1; done"
)


class Told(NamedTuple):
    """What one tool would have its user believe."""

    tool: str
    asked_per_s: float
    blackout: str
    errors: int


def main() -> None:
    """Run the trial and print the table."""
    if not shutil.which("hey") or not CHAOS.exists():
        sys.exit("hey or chaostoolkit is missing: `make bench-peers` installs both")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        seen = trial("kill-node", lambda lab: _tools(lab, folder))
        truth = _truth(seen)
        rows = [_curl(folder), _hey(folder), _chaos(folder), *(_ours(seen, name) for name in seen.verdict.streams)]
    table = Table("tool", "asks/s", "blackout s", "errors", "due while dark", title=f"truth: dark for {truth:.3f} s")
    for row in rows:
        table.add_row(
            row.tool, f"{row.asked_per_s:.0f}", row.blackout, str(row.errors), f"{truth * row.asked_per_s:.0f}"
        )
    Console(width=110).print(table)


def _truth(seen: Witnessed) -> float:
    replies = [(at, mac) for at, mac, said in seen.seen if "echo reply" in said]
    first = next(at for at, mac in replies if mac != seen.old)
    return first - max(at for at, mac in replies if mac == seen.old and at < first)


@contextlib.contextmanager
def _tools(lab: Lab, folder: Path) -> Iterator[None]:
    """Have every tool watch from the client's network while the scenario is played."""
    url = f"https://{lab.plain.facts.vip}:{lab.plain.facts.port}/readyz"
    lab.client.container.reload()
    inside = ["nsenter", "-t", str(lab.client.container.attrs["State"]["Pid"]), "-n"]
    (folder / "experiment.json").write_text(json.dumps(_experiment(url)))
    runs = {
        "curl.txt": ["bash", "-c", CURL.format(watch=WATCH_S // 2, patience=PATIENCE_S, url=url)],
        "hey.txt": [*HEY, url],
        "hey.csv": [*HEY, "-o", "csv", url],
        "chaos.txt": [
            *(
                str(CHAOS),
                "--log-file",
                str(folder / "chaos.log"),
                "run",
                "--journal-path",
                str(folder / "journal.json"),
            ),
            *("--hypothesis-strategy", "during-method-only", str(folder / "experiment.json")),
        ],
    }
    with contextlib.ExitStack() as stack:
        started = []
        for name, command in runs.items():
            output = stack.enter_context((folder / name).open("w"))
            started.append(subprocess.Popen([*inside, *command], stdout=output, stderr=subprocess.STDOUT))
        try:
            time.sleep(1)
            yield
            for process in started:
                process.wait(timeout=WATCH_S + 30)
        finally:
            for process in started:
                if process.poll() is None:
                    process.kill()


def _experiment(url: str) -> dict[str, object]:
    probe = {
        "type": "probe",
        "name": "readyz",
        "tolerance": 200,
        "provider": {"type": "http", "url": url, "timeout": PATIENCE_S, "verify_tls": False},
    }
    wait = {"type": "process", "path": "sleep", "arguments": str(WATCH_S)}
    return {
        "title": "the VIP fails over",
        "description": "as a user of chaostoolkit would watch it",
        "steady-state-hypothesis": {"title": "readyz answers", "probes": [probe]},
        "method": [{"type": "action", "name": "wait", "provider": wait}],
    }


def _gap(answered: list[float]) -> str:
    """Return the longest time from one answer to the next."""
    ordered = sorted(answered)
    return f"{max((b - a for a, b in itertools.pairwise(ordered)), default=0):.3f}"


def _curl(folder: Path) -> Told:
    lines = [line.split() for line in (folder / "curl.txt").read_text().splitlines()]
    good = [float(end) for _, code, end in lines if code == "200"]
    return Told("curl in a loop, 1 s", 1, _gap(good), sum(code != "200" for _, code, _ in lines))


def _hey(folder: Path) -> Told:
    errors = re.findall(r"^\s+\[(\d+)\]\t(?!\d+ responses)", (folder / "hey.txt").read_text(), re.MULTILINE)
    rows = list(csv.DictReader((folder / "hey.csv").read_text().splitlines()))
    good = [float(row["offset"]) + float(row["response-time"]) for row in rows if row["status-code"] == "200"]
    return Told("hey -c 10 -q 10", 100, _gap(good), sum(map(int, errors)))


def _chaos(folder: Path) -> Told:
    journal = json.loads((folder / "journal.json").read_text())
    during = journal["steady_states"]["during"]
    good = [probe["end"] for state in during for probe in state["probes"] if state["steady_state_met"]]
    ends = [datetime.datetime.fromisoformat(end).timestamp() for end in good]
    return Told("chaostoolkit http probe", 1, _gap(ends), sum(not state["steady_state_met"] for state in during))


def _ours(seen: Witnessed, stream: str) -> Told:
    fault = faults(seen.history)[0]
    found = longest(seen.history.of(Probe, stream=stream), fault.injected.start_ns, fault.until_ns)
    assert isinstance(found, Bounds)
    end = fault.injected.start_ns + found.max * NS
    probes = seen.history.of(Probe, stream=stream)
    failed = sum(not ok(e) and fault.injected.start_ns <= e.data.due_ns <= end for e in probes)
    return Told(f"harness, {stream}", 100, told(rounded(found)), failed)


if __name__ == "__main__":
    main()
