import signal
import subprocess
import sys
import time

import pytest

from harness.agent.deeds import reload, stop
from harness.agent.deeds.deed import Unproven
from harness.agent.deeds.reload import Mend, Reload, Spoil
from tests.agent.deeds.test_stop import supervised
from tests.agent.test_processes import NAME

# A master that on SIGUSR2 has a child of its own name, as haproxy's has a new worker.
MASTER = f"""
import ctypes, os, signal
ctypes.CDLL(None).prctl(15, b'{NAME}', 0, 0, 0)
children = []
def more(number, frame):
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pause()
    children.append(child)
def end(number, frame):
    for child in children:
        os.kill(child, signal.SIGKILL)
    os._exit(0)
signal.signal(signal.SIGUSR2, more)
signal.signal(signal.SIGTERM, end)
print(flush=True)
while True:
    signal.pause()
"""


@pytest.fixture(autouse=True)
def services(tmp_path, monkeypatch):
    monkeypatch.setattr(stop, "SERVICES", tmp_path)
    monkeypatch.setattr(reload, "SIGNALS", {NAME: signal.SIGUSR2})
    monkeypatch.setattr(reload, "PATIENCE_S", 0.5)
    return tmp_path


def test_a_reload_is_proven_by_a_worker_that_was_not_there(services):
    with subprocess.Popen([sys.executable, "-c", MASTER], stdout=subprocess.PIPE) as master:
        assert master.stdout
        master.stdout.readline()
        with supervised(services, NAME, master.pid):
            begin, end, did = Reload(NAME).do()
        assert begin < end < time.monotonic_ns()
        assert (did.process, did.signal) == (NAME, "SIGUSR2")
        assert master.pid not in did.pids
        master.terminate()


@pytest.fixture
def file(tmp_path, monkeypatch):
    made = tmp_path / "its.cfg"
    made.write_text("frontend f\n")
    monkeypatch.setattr(reload, "FILES", {NAME: made})
    monkeypatch.setattr(reload, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(reload, "UNMOVED_S", 0.3)
    return made


def test_a_master_that_takes_a_mistake_as_good_was_not_broken(services, file):
    with subprocess.Popen([sys.executable, "-c", MASTER], stdout=subprocess.PIPE) as master:
        assert master.stdout
        master.stdout.readline()
        with supervised(services, NAME, master.pid), pytest.raises(Unproven, match="took a file with a mistake in it"):
            Spoil(NAME).do()
        master.terminate()


def test_a_mistake_is_taken_back_and_the_file_read_anew(services, file):
    careful = MASTER.replace(
        "    child = os.fork()", f"    if 'mistake' in open({str(file)!r}).read(): return\n    child = os.fork()"
    )
    with subprocess.Popen([sys.executable, "-c", careful], stdout=subprocess.PIPE) as master:
        assert master.stdout
        master.stdout.readline()
        with supervised(services, NAME, master.pid):
            Spoil(NAME).do()
            assert "mistake" in file.read_text()
            _, _, did = Mend(NAME).do()
        assert did.pids and master.pid not in did.pids
        assert file.read_text() == "frontend f\n" and not (reload.KEPT / file.name).exists()
        master.terminate()


def test_a_master_that_starts_nobody_has_not_reloaded(services):
    program = "import signal; signal.signal(signal.SIGUSR2, signal.SIG_IGN); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as master:
        assert master.stdout
        master.stdout.readline()
        with supervised(services, NAME, master.pid), pytest.raises(Unproven, match="no new worker"):
            Reload(NAME).do()
        master.kill()


def test_who_cannot_be_reloaded_is_told_apart_from_who_is_not_there(services):
    with pytest.raises(Unproven, match=f"the supervisor runs no {NAME}"):
        Reload(NAME).do()
    with pytest.raises(Unproven, match="etcd reads no file anew"):
        Reload("etcd").do()


# One that goes on as it is, and says what keepalived does.
TALKER = f"""
import ctypes, signal, sys
ctypes.CDLL(None).prctl(15, b'{NAME}', 0, 0, 0)
log = open(sys.argv[1], "a", buffering=1)
log.write("Reload complete\\n")  # of an earlier time
signal.signal(signal.SIGUSR2, lambda *_: log.write(sys.argv[2]))
print(flush=True)
while True:
    signal.pause()
"""


@pytest.fixture
def said(tmp_path, monkeypatch):
    monkeypatch.setattr(reload, "SAYS", {NAME: (tmp_path / "log", b"Reload complete")})
    return tmp_path / "log"


@pytest.mark.parametrize(("says", "proven"), [("Reload complete\n", True), ("Reloading\n", False)])
def test_one_that_goes_on_is_taken_at_its_word(services, said, says, proven):
    with subprocess.Popen([sys.executable, "-c", TALKER, str(said), says], stdout=subprocess.PIPE) as talker:
        assert talker.stdout
        talker.stdout.readline()
        with supervised(services, NAME, talker.pid):
            if proven:
                assert Reload(NAME).do().did.pids == [talker.pid]
            else:
                with pytest.raises(Unproven, match="does not say that it has read its files"):
                    Reload(NAME).do()
        talker.kill()
