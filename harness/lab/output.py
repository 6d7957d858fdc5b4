"""What a long command prints, a build or an installation: what it is at now, and its last lines where it fails."""

from __future__ import annotations

import re
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from typing import IO

from harness.contracts import Passing, Progress

LAST = 20  # lines told of a command that failed
_STEP = re.compile(r"Step (\d+/\d+) :")
_DOING = (
    (re.compile(r"Get:\d+ \S+ \S+ \S+ ([a-z\d]\S*) \S+ \S+ \["), "fetching"),
    (re.compile(r"Get:\d+ "), "fetching the lists of packages"),
    (re.compile(r"Unpacking (\S+)"), "unpacking"),
    (re.compile(r"Setting up (\S+)"), "setting up"),
    (re.compile(r"I: (.+?)\.*$"), ""),  # mmdebstrap's own words
)


class Output:
    """What was printed so far."""

    def __init__(self) -> None:
        self._last: deque[str] = deque(maxlen=LAST)
        self._step = ""

    def read(self, text: str) -> str:
        """Take in lines, and return what they tell of what is being done: "step 2/7, unpacking keepalived", or ""."""
        told = ""
        for line in filter(None, map(str.strip, text.splitlines())):
            self._last.append(line)
            if step := _STEP.match(line):
                self._step = told = f"step {step[1]}"
            elif doing := _doing(line):
                told = f"{self._step}, {doing}" if self._step else doing
        return told

    def last(self) -> str:
        """Return the last lines, to stand below an error's sentence."""
        return "".join(f"\n  {line}" for line in self._last)


def _doing(line: str) -> str:
    for pattern, verb in _DOING:
        if found := pattern.match(line):
            return " ".join(filter(None, (verb, *(part.split(":")[0] for part in found.groups()))))
    return ""


def follow(
    command: Sequence[str],
    what: str,
    progress: Progress,
    result: IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, Output]:
    """Run a command, tell in passing what it does, and return its exit code and output; stdout may be a `result`."""
    said = Output()
    with subprocess.Popen(
        command,
        stdout=result or subprocess.PIPE,
        stderr=subprocess.PIPE if result else subprocess.STDOUT,
        env=environment,
    ) as process:
        for line in (process.stderr if result else process.stdout) or ():
            if doing := said.read(line.decode(errors="replace")):
                progress(Passing(f"{what}: {doing}"))
    return process.returncode, said
