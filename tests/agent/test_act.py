import os
import signal
from pathlib import Path

import pytest

from harness.agent.act import Unproven, await_process, kill
from harness.agent.turns import hurried
from tests.agent.test_processes import victim


def test_a_kill_is_over_when_the_process_is_gone():
    with victim() as process:
        begin, end, detail = kill("fh-victim", signal.SIGKILL)
        assert begin < end
        assert detail == {"process": "fh-victim", "pids": [process.pid], "signal": "SIGKILL"}
    assert process.returncode == -signal.SIGKILL


def test_who_is_killed_gets_its_turns_first():
    with victim() as process:
        hurried(process.pid)
        told = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        assert int(told[16]) == -20 or os.geteuid() != 0
        process.kill()


def test_a_stopped_process_is_proven_to_be_stopped():
    with victim() as process:
        kill("fh-victim", signal.SIGSTOP)
        assert Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
        kill("fh-victim", signal.SIGCONT)
        process.kill()


def test_there_must_be_something_to_kill():
    with pytest.raises(Unproven, match="no process named fh-nobody"):
        kill("fh-nobody", signal.SIGKILL)


def test_a_process_that_is_there_is_awaited_at_once():
    with victim() as process:
        _, _, detail = await_process("fh-victim")
        assert detail["pids"] == [process.pid]
        process.kill()
