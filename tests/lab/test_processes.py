"""With processes that only look like an engine's: nothing here needs one."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.lab import processes

pytestmark = pytest.mark.skipif(not Path("/proc/self/cgroup").exists(), reason="the embedded engine is Linux' alone")
SLEEP = ["-c", "import time; print(flush=True); time.sleep(600)"]


@pytest.fixture
def begin() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    begun = []

    def begin(name: str, *words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([name, *SLEEP, *words], executable=sys.executable, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def test_a_dockerd_is_known_by_its_data_folder(begin, tmp_path):
    one = begin("dockerd", f"--data-root={tmp_path}/data")
    begin("dockerd", f"--data-root={tmp_path}/other/data")
    begin("vim", f"--data-root={tmp_path}/data")
    assert processes.dockerd(tmp_path) == one.pid
    one.kill()
    one.wait()
    assert processes.dockerd(tmp_path) is None


def test_a_dead_one_that_nobody_has_buried_is_dead(begin, tmp_path):
    one = begin("dockerd", f"--data-root={tmp_path}/data")
    one.kill()
    os.waitid(os.P_PID, one.pid, os.WEXITED | os.WNOWAIT)
    assert processes.dockerd(tmp_path) is None
    assert processes.end(tmp_path, 5)


def test_only_what_is_surely_of_this_engine_is_ended(begin, tmp_path):
    home = tmp_path / "engine"
    home.mkdir()
    doomed = [
        begin("/usr/bin/dockerd", f"--data-root={home}/data"),
        begin("containerd", "--config", f"{home}/exec/containerd/containerd.toml"),
        begin("containerd-shim-runc-v2", "-address", f"{home}/exec/containerd/containerd.sock"),
    ]
    spared = [
        begin("dockerd", "--data-root=/var/lib/docker"),
        begin("containerd", "--config", "/var/run/docker/containerd/containerd.toml"),
        begin("containerd", "--config", f"{home}-2/exec/containerd/containerd.toml"),
        begin("tail", "-f", f"{home}/exec/containerd/log"),
        begin("dockerd", f"--data-root={home}/../engine-2/data"),
    ]
    assert processes.end(home, 10)
    assert all(process.poll() is not None for process in doomed)
    assert all(process.poll() is None for process in spared)


def test_the_same_path_in_another_root_is_another_folder(begin, tmp_path, monkeypatch):
    other = begin("dockerd", f"--data-root={tmp_path}/data")
    monkeypatch.setattr(os.path, "samefile", lambda one, two: False)
    assert processes.dockerd(tmp_path) is None
    assert processes.end(tmp_path, 5)
    assert other.poll() is None
