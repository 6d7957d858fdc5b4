import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.agent.deeds import stop
from harness.agent.deeds.deed import Unproven
from harness.agent.deeds.link import CutOff
from harness.agent.deeds.stop import ShutDown, Stop
from harness.events import Did
from tests.agent.test_processes import NAME, victim


@contextmanager
def supervised(services: Path, name: str, pid: int) -> Iterator[int]:
    """Have a service look as runsv(8) keeps it; yield where what its supervisor is told can be read."""
    folder = services / name / "supervise"
    folder.mkdir(parents=True)
    (folder / "pid").write_text(f"{pid}\n" if pid else "")
    os.mkfifo(folder / "control")
    control = os.open(folder / "control", os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield control
    finally:
        os.close(control)


@pytest.fixture(autouse=True)
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stop, "SERVICES", tmp_path)
    return tmp_path


def test_a_daemon_is_asked_to_end_once_its_supervisor_knows_not_to_start_it_again(services):
    with victim() as process, supervised(services, NAME, process.pid) as control:
        begin, end, did = Stop(NAME).do()
        assert os.read(control, 9) == b"o"
        assert begin < end
        assert did == Did(process=NAME, pids=[process.pid], signal="SIGTERM")
    assert process.returncode == -signal.SIGTERM


def test_there_must_be_something_to_stop(services):
    with supervised(services, NAME, 0), pytest.raises(Unproven, match=f"the supervisor runs no {NAME}"):
        Stop(NAME).do()
    with pytest.raises(Unproven, match="the supervisor runs no fh-nobody"):
        Stop("fh-nobody").do()


def test_a_node_asks_all_that_runs_and_then_leaves_the_network(services, monkeypatch):
    left: list[str] = []
    monkeypatch.setattr(stop, "DAEMONS", (NAME, "fh-nobody"))
    monkeypatch.setattr(CutOff, "do", lambda self: left.append(self.interface))
    with victim() as process, supervised(services, NAME, process.pid):
        _, _, did = ShutDown("eth7").do()
        assert did == Did(pids=[process.pid], signal="SIGTERM", interface="eth7", up=False)
    assert (process.returncode, left) == (-signal.SIGTERM, ["eth7"])
