"""The agents that watch: the same programs that run in a lab, as processes of this machine, gentle by default."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from harness import history
from harness.events import Fact
from harness.history import Event

SPARE = 16
ENDS_S = 20.0  # an agent finishes what it has under way
DEADLINE_S, CLIENTS, STREAMS = 5.0, 6, 3


@dataclass(frozen=True)
class Instruments:
    """What is asked: so many requests a second on fresh connections, on kept ones, and by clients as client-go's.

    As many by ARP, where one may listen. `follows` says that streams of news are kept open.
    """

    rate: float
    wire: bool
    follows: bool = False

    def commands(self, facts: Path, events: Path) -> Iterator[list[str]]:
        """Yield the agents' command lines."""
        shared = ["--facts", str(facts), "--events", str(events)]
        rates = ["--rate-fresh", f"{self.rate:g}", "--rate-kept", f"{self.rate:g}", "--read-every", "0"]
        # A request that was not sent shows nothing of an outage: as many are under way as may wait at once, and more.
        cap = f"{ceil(self.rate * DEADLINE_S) + SPARE}"
        yield _agent("prober", *shared, *rates, "--deadline", f"{DEADLINE_S:g}", "--cap", cap, "--live")
        each = f"{self.rate / CLIENTS:g}"
        yield _agent("h2_clients", *shared, "--clients", str(CLIENTS), "--rate", each)
        if self.follows:
            yield _agent("watcher", *shared, "--streams", str(STREAMS))
        if self.wire:
            yield _agent("arp", *shared, "--rate", f"{self.rate:g}", "--live")
            yield _agent("wire", *shared)


def _agent(name: str, *words: str) -> list[str]:
    return [sys.executable, "-m", f"harness.agent.{name}", *words]


@contextmanager
def running(instruments: Instruments, facts: Path, events: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run the agents for as long as the block lasts; what they wrote is whole after it."""
    with ExitStack() as stack:
        yield [stack.enter_context(_process(command)) for command in instruments.commands(facts, events)]


@contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    # In a session of its own: the Ctrl-C that ends the watching is not for the agents, which are told to end.
    with subprocess.Popen(command, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(ENDS_S)
            except subprocess.TimeoutExpired:
                process.kill()


class Records:
    """What the agents have written so far; read on from where it was left."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._read = folder, dict[Path, int]()

    def more(self) -> list[Event[Fact]]:
        """Return what has come since the last call; a line that is still being written comes with the next."""
        found: list[Event[Fact]] = []
        for path in sorted(self._folder.glob("*.jsonl")):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                data = file.read()
            whole = data[: data.rfind(b"\n") + 1]
            self._read[path] = self._read.get(path, 0) + len(whole)
            found += history.decode(whole.splitlines(), str(path))
        return found
