import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.agent.deeds import process as processes_of_deed
from harness.agent.deeds.deed import Unproven
from harness.agent.deeds.process import AwaitProcess, Signal
from harness.agent.turns import hurried
from harness.events import Did
from tests.agent.test_processes import NAME, victim


def test_a_kill_is_over_when_the_process_is_gone():
    with victim() as process:
        begin, end, did = Signal(NAME, "KILL").do()
        assert begin < end
        assert did == Did(process=NAME, pids=[process.pid], signal="SIGKILL")
    assert process.returncode == -signal.SIGKILL


def test_who_is_killed_gets_its_turns_first():
    with victim() as process:
        hurried(process.pid)
        told = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        assert int(told[16]) == -20 or os.geteuid() != 0
        process.kill()


def test_a_stopped_process_is_proven_to_be_stopped():
    with victim() as process:
        Signal(NAME, "STOP").do()
        assert Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
        Signal(NAME, "CONT").do()
        process.kill()


# Its child is told when it dies, as keepalived's is, and then has something to say.
FAMILY = f"""
import ctypes, os, signal, sys
libc = ctypes.CDLL(None)
libc.prctl(15, b'{NAME}', 0, 0, 0)
if os.fork() == 0:
    libc.prctl(1, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: os.write(1, b'goodbye'))
    os.write(1, b'ready')
    while True:
        signal.pause()
signal.pause()
"""


def test_a_child_has_no_time_to_hear_of_its_parents_death():
    for _ in range(20):
        with subprocess.Popen([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE) as parent:
            assert parent.stdout
            said = os.read(parent.stdout.fileno(), 5)
            _, _, did = Signal(NAME, "KILL").do()
            assert (said, parent.stdout.read(), len(did.pids)) == (b"ready", b"", 2)


@pytest.mark.parametrize("name", ["KILL", "STOP"])
def test_one_that_ends_before_it_is_told_is_none_of_them(monkeypatch, name):
    """A worker of a haproxy that was reloaded, in a lab: listed, and gone by the time that it was to be killed."""
    with victim() as gone:
        gone.kill()
    with victim() as process:
        monkeypatch.setattr(processes_of_deed, "pids_of", lambda of: [gone.pid, process.pid])
        _, _, did = Signal(NAME, name).do()
        assert did.pids == [process.pid]
        process.kill()


def test_there_must_be_something_to_kill():
    with pytest.raises(Unproven, match="no process named fh-nobody"):
        Signal("fh-nobody", "KILL").do()


def test_a_process_that_is_there_is_awaited_at_once():
    with victim() as process:
        _, _, did = AwaitProcess(NAME).do()
        assert did.pids == [process.pid]
        process.kill()
