import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from harness.errors import EngineError
from harness.lab import embedded, engine, packages, ping


@pytest.fixture
def nothing_answers(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_without_root_the_remedy_and_the_recorded_campaign_are_named(nothing_answers, monkeypatch):
    monkeypatch.setattr(embedded, "possible", lambda: False)
    with pytest.raises(EngineError, match=r"DOCKER_HOST.*Start Docker.*harness report examples/"):
        engine.find()


def test_without_dockerd_the_exact_command_is_named(nothing_answers, monkeypatch):
    monkeypatch.setattr(embedded, "possible", lambda: True)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(packages, "debian", lambda: True)
    with pytest.raises(EngineError, match=r"apt-get install -y --no-install-recommends docker\.io iptables mmdebstrap"):
        engine.find()


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


@pytest.mark.lab
def test_the_embedded_engine_starts_is_reused_and_stops(engine):
    """In a cache folder of its own, beside whichever engine serves the other tests."""
    if not embedded.possible() or shutil.which("dockerd") is None:
        pytest.skip("an engine of our own needs root on Linux and dockerd")
    with tempfile.TemporaryDirectory(prefix="fh-", dir="/tmp") as home:
        environment = os.environ | {"XDG_CACHE_HOME": home, "DOCKER_HOST": "unix:///nowhere.sock"}
        command = [sys.executable, "-m", "harness", "engine"]

        def say(*words: str) -> str:
            done = subprocess.run([*command, *words], env=environment, capture_output=True, text=True, check=True)
            return done.stdout + done.stderr

        try:
            assert "starting an engine of our own" in say("start")
            marked = (Path(home) / "failover-harness/engine/owner").read_text()
            assert "starting" not in say("start")
            assert (Path(home) / "failover-harness/engine/owner").read_text() == marked
            assert "embedded" in say("status")
        finally:
            stopped = say("stop")
        assert "stopped" in stopped
        assert "none answers" in say("status")
        assert "it was not running" in say("stop")
