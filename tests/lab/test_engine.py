import contextlib
import gc
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest

from harness.errors import DiskError, EngineError
from harness.lab import embedded, labels, owner, packages, ping, processes
from harness.lab import engine as engines


@pytest.fixture
def nothing_answers(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_without_root_the_remedy_and_the_recorded_campaign_are_named(nothing_answers, monkeypatch):
    monkeypatch.setattr(embedded, "possible", lambda: False)
    with pytest.raises(EngineError, match=r"DOCKER_HOST.*start Docker.*harness report examples/"):
        engines.find()


def test_without_dockerd_the_exact_command_is_named(nothing_answers, monkeypatch):
    monkeypatch.setattr(embedded, "possible", lambda: True)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(packages, "debian", lambda: True)
    with pytest.raises(EngineError, match=r"apt-get install -y --no-install-recommends docker\.io iptables mmdebstrap"):
        engines.find()


def test_packages_are_not_installed_without_root(nothing_answers, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(packages, "debian", lambda: True)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(EngineError, match=r"Do it yourself: sudo apt-get"):
        packages.install(print)


def test_a_socket_that_nobody_listens_on_does_not_answer(tmp_path):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "s"))
        assert not ping.answers(f"unix://{tmp_path}/s")
    assert not ping.answers("tcp://127.0.0.1:1")


FAKE = """#!/bin/sh
exec >>"$0.told"
pwd; umask; env | sed "s/^/env: /"
grep ^Sig /proc/self/status
ls -l /proc/$$/fd | sed "s/^/fd: /"
cut -d" " -f6,7 /proc/$$/stat | sed "s/^/session and terminal: $$ /"
echo whole
"""


def test_the_embedded_one_inherits_nothing_of_whoever_starts_it(monkeypatch, tmp_path):
    """Started by a process that holds a lock, blocks and ignores signals, has a mask, and stands in a folder."""
    program = tmp_path / "dockerd"
    program.write_text(FAKE)
    program.chmod(0o755)
    (tmp_path / "failover-harness/engine").mkdir(parents=True)
    code = (
        "import os, signal, time; from harness.lab import embedded\n"
        "held = os.open('/dev/zero', os.O_RDONLY); os.set_inheritable(held, True); os.umask(0o077)\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]); signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "os.waitpid(embedded._spawn(embedded.folder()), 0)"
    )
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(tmp_path)}
    strange = {"DOCKER_HOST": "unix:///x", "NOTIFY_SOCKET": "/x", "TMPDIR": str(tmp_path), "https_proxy": "http://p"}
    subprocess.run([sys.executable, "-c", code], env=environment | strange, check=True)
    told = (tmp_path / "dockerd.told").read_text().splitlines()
    assert told[:2] == ["/", "0022"]
    assert told[-1] == "whole"
    names = {line.split()[1].partition("=")[0] for line in told if line.startswith("env: ")}
    assert {"PATH", "https_proxy"} <= names <= {"PATH", "https_proxy", "PWD", "OLDPWD", "SHLVL", "_"} | embedded._KEPT
    assert not any("/dev/zero" in line for line in told)
    masks = dict(line.split(":\t") for line in told if line.startswith("Sig") and "/" not in line)
    ours = sum(1 << number - 1 for number in signal.valid_signals())
    assert int(masks["SigBlk"], 16) & ours == int(masks["SigIgn"], 16) & ours == 0
    (session,) = (line.split(": ")[1].split() for line in told if line.startswith("session"))
    assert session == [session[0], session[0], "0"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
@pytest.mark.parametrize("words", [["--bind", "{}"], ["-t", "tmpfs", "tmpfs"]], ids=["dockerd's", "the user's"])
def test_what_dockerd_mounted_is_unmounted_and_the_users_own_disk_is_not(tmp_path, words):
    """dockerd mounts its data folder on itself, and forgets that when it is killed."""
    for path in (tmp_path / "data", tmp_path / "exec/netns"):
        path.mkdir(parents=True)
    subprocess.run(["mount", *(word.format(tmp_path / "data") for word in words), tmp_path / "data"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", tmp_path / "exec/netns"], check=True)
    try:
        embedded._unmount(tmp_path)
        left = [
            line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(tmp_path) in line
        ]
        assert left == ([] if "--bind" in words else [str(tmp_path / "data")])
    finally:
        subprocess.run(["umount", "--quiet", tmp_path / "data"], stderr=subprocess.DEVNULL)


def test_stopping_needs_no_space_and_starting_does(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(embedded, "possible", lambda: True)
    monkeypatch.setattr(embedded, "LEAST_FREE", 1 << 62)
    monkeypatch.setattr(embedded, "_LONGEST_SOCKET", 4096)  # a test's folders have long names
    with pytest.raises(EngineError, match=r"only \d+ MiB free"):
        embedded.start(print)
    assert not embedded.stop()


def test_why_the_one_that_was_asked_for_does_not_serve_is_told(nothing_answers, monkeypatch, tmp_path):
    monkeypatch.setattr(embedded, "possible", lambda: True)
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(embedded, "_LONGEST_SOCKET", 4096)
    (tmp_path / "failover-harness").write_text("")  # so that none of our own starts either
    told: list[str] = []
    with pytest.raises(DiskError, match=r"failover-harness/engine: .*a file is where a folder is needed"):
        engines.find(told.append)
    assert "does not answer (DOCKER_HOST, " in told[0]


class Command:
    """`harness engine`, with a cache folder of its own; `home` is its engine's there."""

    def __init__(self, cache: str) -> None:
        self.home = Path(cache) / "failover-harness/engine"
        own = {"XDG_CACHE_HOME": cache, "DOCKER_HOST": "unix:///nowhere.sock", "COLUMNS": "300"}
        self._environment = os.environ | own

    def __call__(self, *words: str) -> str:
        command = [sys.executable, "-m", "harness", "engine", *words]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def say():
    """The command, with an embedded engine of its own beside whichever serves the other tests."""
    if not embedded.possible() or shutil.which("dockerd") is None:
        pytest.skip("an engine of our own needs root on Linux and dockerd")
    with tempfile.TemporaryDirectory(prefix="fh-", dir="/tmp") as home:
        say = Command(home)
        yield say
        say("stop")


@pytest.mark.lab
def test_the_embedded_engine_starts_is_reused_and_stops(engine, say):
    assert "starting an engine of our own" in say("start")
    pid = processes.dockerd(say.home)
    assert "starting" not in say("start")
    assert processes.dockerd(say.home) == pid
    assert "embedded" in say("status")
    assert "stopped" in say("stop")
    assert "none answers" in say("status")
    assert "it was not running" in say("stop")
    assert str(say.home) not in Path("/proc/self/mountinfo").read_text()


@pytest.mark.lab
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("killed", ["dockerd", "containerd too", "everything, as a power cut does"])
def test_an_engine_that_was_killed_starts_again_and_its_labs_are_swept(engine, say, killed):
    """With a container that ignores SIGTERM, made of this machine's own shell, in a lab that is kept."""
    say("start")
    client = engines.Found(f"unix://{say.home}/docker.sock", "embedded").client()
    client.api.import_image_from_data(shell(), repository="shell", tag="1")
    command = ["/bin/sh", "-c", "while :; do read x </dev/zero; done"]
    client.containers.run("shell:1", command, detach=True, network_mode="none", labels=labels.mark("fh-x", kept=True))
    pid = processes.dockerd(say.home)
    assert pid is not None
    container = int(client.api.inspect_container(client.containers.list()[0].id)["State"]["Pid"])
    below = (say.home / "exec/containerd/containerd.pid").read_text()
    os.kill(pid, signal.SIGKILL)
    if killed == "containerd too":
        with contextlib.suppress(ProcessLookupError):  # the kernel ends it with dockerd, where it is quick
            os.kill(int(below), signal.SIGKILL)
    elif killed != "dockerd":
        assert processes.end(say.home, 10)
        for stale in ("docker.pid", "exec/containerd/containerd.pid"):  # after a boot they are somebody else's
            (say.home / stale).write_text(str(os.getpid()))
    with pytest.raises(EngineError, match=r"^the container engine went away \(embedded, .*its log: .*engine/log\)"):
        client.containers.list()
    client.close()
    gc.collect()  # docker-py leaves the socket of a refused connection open
    assert "removed what the engine before it left: " in say("start")
    assert processes.dockerd(say.home) not in (None, pid)
    assert owner.started(container) is None
    again = engines.Found(f"unix://{say.home}/docker.sock", "embedded").client()
    assert again.containers.list(all=True) == []
    again.close()


def shell() -> bytes:
    """Return a tar with this machine's shell, and the libraries that it needs."""
    program = Path("/bin/sh").resolve()
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in {word for word in said.split() if word.startswith("/")}:
            tar.add(Path(path).resolve(), path)
        tar.add(program, "bin/sh")
    return buffer.getvalue()
