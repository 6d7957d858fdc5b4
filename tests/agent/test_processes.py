import json
import select
import subprocess
import sys
import time
from contextlib import closing

from harness.agent.emit import Emitter
from harness.agent.processes import Processes, pids_of

NAMED = "import ctypes, sys; ctypes.CDLL(None).prctl(15, b'fh-victim', 0, 0, 0); print(); sys.stdout.flush(); input()"


def victim() -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", NAMED], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_a_process_is_found_by_name_until_it_ends_reaped_or_not():
    with victim() as process:
        assert pids_of("fh-victim") == [process.pid]
        process.kill()
        while pids_of("fh-victim"):  # a zombie until `with` ends, and no longer living
            time.sleep(0.001)


def test_its_end_is_seen_through_its_handle(tmp_path):
    with closing(Emitter("m1", "node", tmp_path)) as emitter, victim() as process:
        watched = Processes(["fh-victim"], emitter)
        (handle,) = watched.scan()
        assert watched.scan() == []
        before = time.monotonic_ns()
        process.kill()
        poller = select.poll()
        poller.register(handle, select.POLLIN)
        assert poller.poll(5000)
        watched.ended(handle)
    start, end = (json.loads(line) for line in (tmp_path / "node.jsonl").read_text().splitlines())
    assert (start["data"]["alive"], start["data"]["initial"]) == (True, True)
    assert (end["data"]["alive"], end["data"]["exact"]) == (False, True)
    assert before <= end["t_ns"] <= time.monotonic_ns()
    assert handle not in watched
