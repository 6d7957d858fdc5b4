"""A plugin's deed in a machine that is only a folder, with what the images have and nothing else."""

import importlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness import assets
from harness.agent.deeds.note import Note
from harness.errors import FaultError, LabError
from harness.lab.machine import PYTHONPATH, TRIES, Machine, source

PLUGIN = Path(__file__).parents[1] / "plugin"
OWN = """
from dataclasses import dataclass

@dataclass
class Freeze:
    process: str

    def do(self):
        raise NotImplementedError
"""
NAMED = "import json, sys; from harness.agent.act import named; print(named(sys.argv[1], json.loads(sys.argv[2])))"


class Folder:
    """A container: what is put into it lies in a folder, and an agent only finds its deed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.calls: list[str] = []
        for package in (assets.AGENTS, assets.EVENTS):
            shutil.copytree(package, self._harness / "harness" / package.name)
        (self._harness / "harness/__init__.py").touch()
        self.client = SimpleNamespace(api=SimpleNamespace(space=str))

    @property
    def _harness(self) -> Path:
        return self.root / PYTHONPATH.strip("/")

    def put_archive(self, path: str, data: bytes) -> None:
        self.calls.append("put")
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            tar.extractall(self.root, filter="data")

    def run(self, *words: str) -> tuple[int, bytes]:
        self.calls.append("run")
        environment = {"PYTHONPATH": str(self._harness), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-S", "-c", NAMED, *words[3:5]]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=self.root)
        return done.returncode, (json.dumps(done.stdout) if done.returncode == 0 else done.stderr).encode()


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setattr("harness.lab.machine.output", Folder.run)
    return Machine("m1", Folder(tmp_path / "disk"), "eth0")


def test_a_plugins_deed_is_brought_into_the_machine_alone_and_found_there(machine, monkeypatch):
    monkeypatch.syspath_prepend(PLUGIN)
    from failover_example.deeds import KillLargest

    assert "KillLargest(process='haproxy')" in machine.act(KillLargest("haproxy"), fault="F")
    assert machine.container.calls == ["put", "run"]
    files = {path.name for path in (machine.container.root / "opt/harness/failover_example").iterdir()}
    assert files == {"deeds.py"}


def test_a_deed_that_every_machine_has_is_not_brought(machine):
    assert "Note()" in machine.act(Note(), fault="F")
    assert machine.container.calls == ["run"]


def test_a_deed_that_needs_what_no_machine_has_says_so(machine, installed):
    installed.package("frost", f"import msgspec\n{OWN}")
    freeze = importlib.import_module("frost").Freeze
    with pytest.raises(FaultError, match=r"m1: Freeze\(process='x'\) did not take .* No module named 'msgspec'"):
        machine.act(freeze("x"), fault="F")


def test_a_deed_without_a_source_is_told_before_anything_is_done(machine):
    nowhere: dict[str, Any] = {"__name__": "frost.cold"}
    exec(OWN, nowhere)
    with pytest.raises(FaultError, match=r"Freeze: no source of frost.cold to bring into a machine: No module named"):
        machine.act(nowhere["Freeze"]("x"), fault="F")
    assert machine.container.calls == []


def test_a_module_below_packages_lies_below_folders():
    ((path, (text, mode)),) = source(Note).items()
    assert (path, mode) == ("/opt/harness/harness/agent/deeds/note.py", 0o644)
    assert "class Note" in text


class Losing(Machine):
    """A machine whose engine loses the end of what is printed, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__("m1", None, "eth0")
        self.times = times

    def run(self, *command: str, check: bool = True) -> str:
        whole = subprocess.run(command, capture_output=True, text=True).stdout
        self.times -= 1
        return whole[: len(whole) // 2] if self.times >= 0 else whole


@pytest.mark.parametrize("times", [0, 1, TRIES - 1])
def test_a_question_is_asked_again_until_its_answer_is_whole(times):
    assert Losing(times).ask("printf", "%s %s", "two", "words") == "two words"
    assert Losing(times).ask("false") == ""


def test_an_engine_that_always_loses_it_is_told():
    with pytest.raises(LabError, match="m1: the engine has lost what `echo` printed, 5 times"):
        Losing(TRIES).ask("echo", "something")
