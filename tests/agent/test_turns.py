import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = """
import os, sys
from pathlib import Path
from harness.agent.emit import Emitter
from harness.agent.turns import prioritise, promised
emitter = Emitter("m1", "turns", Path(sys.argv[1]))
{deed}
print(os.sched_getscheduler(0) & 0xFF, os.getpriority(os.PRIO_PROCESS, 0))
"""
NORMAL, DEADLINE = 0, 6


def got(folder: Path, deed: str) -> tuple[dict[str, Any], int, int]:
    """Return what a process of its own wrote down, and its policy and priority by what the kernel says."""
    command = [sys.executable, "-c", PROGRAM.format(deed=deed), str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    (line,) = (folder / "turns.jsonl").read_text().splitlines()
    return json.loads(line)["data"], int(said[0]), int(said[1])


def test_what_it_got_is_what_the_kernel_says(tmp_path):
    told, policy, nice = got(tmp_path, "prioritise(emitter, -10)")
    assert policy == NORMAL
    assert told["nice"] == nice
    assert nice == -10 or os.geteuid()


def test_a_promise_is_the_kernels_or_a_high_priority_is_all_there_is(tmp_path):
    told, policy, nice = got(tmp_path, "promised(emitter, 0.25, 5_000_000)")
    assert (told["promised_ns"], policy) == (1_250_000, DEADLINE) or (told["nice"], policy) == (nice, NORMAL)


def test_a_promise_of_more_than_a_whole_processor_is_refused(tmp_path):
    told, policy, nice = got(tmp_path, "promised(emitter, 1.5, 5_000_000)")
    assert told["promised_ns"] is None
    assert (policy, told["nice"]) == (NORMAL, nice)
