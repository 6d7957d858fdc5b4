"""Watching from the first request to the last, and what it came to."""

from __future__ import annotations

import datetime
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness import disk, history, watched
from harness.analysis.outages import watched as account
from harness.errors import HarnessError, Interrupted
from harness.events import Fact
from harness.history import Event, History
from harness.onsite import instruments, marks
from harness.onsite.instruments import Instruments, Records
from harness.onsite.target import Target
from harness.verdict import Intervals
from harness.watched import Watched

LOOK_S = 0.5
SEEN = "watched.json"


class AgentEnded(HarnessError):
    """One of the agents ended before it was told to."""


@dataclass(frozen=True)
class Session:
    """What is to be watched, with what, and where it is written; `interface` is the wire's, where there is one."""

    target: Target
    instruments: Instruments
    interface: str
    folder: Path
    predicted: Intervals = field(default_factory=dict)

    def watch(self, most_s: float, shown: Callable[[list[Event[Fact]], float], None]) -> Watched:
        """Watch for at most so long, or until interrupted, and write down what came of it.

        `shown` gets twice a second what has been seen since it was called last, and the seconds that have gone.
        """
        events = self.folder / "events"
        disk.folder(events)
        started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        marks.announce(self.folder, os.getpid())
        records = Records(events)
        private = Path(tempfile.mkdtemp(prefix="harness-watch-"))  # of this user alone: it holds the credentials
        try:
            facts = self.target.written(private, self.interface)
            with instruments.running(self.instruments, facts, events) as agents:
                begun = time.monotonic()
                try:
                    while (gone_s := time.monotonic() - begun) < most_s:
                        if ended := next((one for one in agents if one.poll() is not None), None):
                            words = ended.args if isinstance(ended.args, list) else [str(ended.args)]
                            raise AgentEnded(f"{words[2]} ended with status {ended.returncode}; it said why above")
                        shown(records.more(), gone_s)
                        time.sleep(LOOK_S)
                except Interrupted:
                    pass
        finally:
            shutil.rmtree(private, ignore_errors=True)
        return self._account(started)

    def _account(self, started: str) -> Watched:
        found = History([*Records(self.folder / "events").more(), *marks.marked(self.folder)])
        history.write(self.folder / "history.jsonl", found.events)
        told = account(found, self.target.endpoint, started, self.predicted)
        watched.write(self.folder / SEEN, told)
        return told
