import json
import os
import secrets
import select
import subprocess
import sys
import time
from contextlib import closing
from types import SimpleNamespace

from harness.agent import processes
from harness.agent.emit import Emitter
from harness.agent.processes import Processes, pids_of
from harness.clock import NS

NAME = f"fh-{secrets.token_hex(4)}"  # others may run the same tests beside these
NAMED = f"import ctypes, sys; ctypes.CDLL(None).prctl(15, b'{NAME}', 0, 0, 0); print(); sys.stdout.flush(); input()"
LATER = "input();" + NAMED


def started(program: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def named(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    process.stdout.readline()


def victim() -> subprocess.Popen[bytes]:
    process = started(NAMED)
    named(process)
    return process


def test_a_process_is_found_by_name_until_it_ends_reaped_or_not():
    with victim() as process:
        assert pids_of(NAME) == [process.pid]
        process.kill()
        while pids_of(NAME):  # a zombie until `with` ends, and no longer living
            time.sleep(0.001)


def test_its_end_is_seen_through_its_handle(tmp_path):
    with closing(Emitter("m1", "node", tmp_path)) as emitter, victim() as process:
        watched = Processes([NAME], emitter)
        (handle,) = watched.scan()
        assert watched.scan() == []
        before = time.monotonic_ns()
        process.kill()
        poller = select.poll()
        poller.register(handle, select.POLLIN)
        assert poller.poll(100_000)
        watched.ended(handle)
    start, end = (json.loads(line) for line in (tmp_path / "node.jsonl").read_text().splitlines())
    assert (start["data"]["alive"], start["data"]["initial"]) == (True, True)
    assert (end["data"]["alive"], end["data"]["exact"]) == (False, True)
    assert before <= end["t_ns"] <= time.monotonic_ns()
    assert handle not in watched


def test_one_that_starts_between_two_looks_is_found_at_the_second(tmp_path):
    with closing(Emitter("m1", "node", tmp_path)) as emitter:
        watched = Processes([NAME], emitter)
        assert watched.scan() == []
        with victim() as process:
            assert len(watched.scan()) == 1
            assert watched.scan() == []
            process.kill()
    (start,) = (json.loads(line) for line in (tmp_path / "node.jsonl").read_text().splitlines())
    assert (start["data"]["pid"], start["data"]["initial"]) == (process.pid, False)


def test_one_that_takes_its_name_long_after_it_was_first_looked_at_is_found(tmp_path, monkeypatch):
    with closing(Emitter("m1", "node", tmp_path)) as emitter, started(LATER) as process:
        watched = Processes([NAME], emitter)
        for second in (1, 6):  # a busy machine's shell, which has not come to `exec` yet
            monkeypatch.setattr(processes, "time", SimpleNamespace(monotonic_ns=lambda now=second * NS: now))
            assert watched.scan() == []
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        named(process)
        assert len(watched.scan()) == 1
        process.kill()


def test_when_pids_begin_anew_all_are_looked_at(tmp_path, monkeypatch):
    with closing(Emitter("m1", "node", tmp_path)) as emitter:
        watched = Processes([NAME], emitter)
        watched.scan()
        with victim() as process:
            monkeypatch.setattr(os, "pread", lambda *where: b"0.00 0.00 0.00 1/100 1\n")
            assert len(watched.scan()) == 1
            process.kill()


def test_the_turns_of_a_daemon_are_those_of_its_threads(tmp_path):
    busy = NAMED.replace("input()", "[0 for n in range(10**7)]; print(); sys.stdout.flush(); input()")
    with closing(Emitter("m1", "node", tmp_path)) as emitter, started(busy) as process:
        named(process)
        seen = Processes([NAME], emitter)
        seen.scan()
        before = seen.turns()
        named(process)
        after = seen.turns()
        process.kill()
    assert set(after.ran_ns) == set(after.waited_ns) == {NAME}
    assert after.ran_ns[NAME] > before.ran_ns[NAME] >= 0 and after.waited_ns[NAME] >= before.waited_ns[NAME]
