"""A package of somebody else's, installed with pip: a scenario, a fault, a check, a lint rule and a report format."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness import catalogue, checks, select, store
from harness.events import FaultEdge
from harness.verdict import Outcome
from tests.drawn import crash_of_owner
from tests.faults import every
from tests.stored import stored_campaign

ROOT = Path(__file__).parents[1]
PLUGIN = ROOT / "tests/plugin"
PIP = [sys.executable, "-m", "pip", "install"]
UV = ["uv", "pip", "install", "--python", sys.executable]  # an environment that it made has no pip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder that the plugin is installed in, without a network: what builds it is there already."""
    folder = tmp_path_factory.mktemp("site")
    words = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", str(folder), str(PLUGIN)]
    done = subprocess.run([*(PIP if find_spec("pip") else UV), *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def harness(site):
    path = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        words = (sys.executable, "-m", "harness", *words)
        return subprocess.run(words, capture_output=True, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": path})

    return run


@pytest.mark.parametrize(
    ("page", "blocks"), [("plugins", 3), ("add-a-scenario", 1), ("add-a-fault", 2), ("add-a-check", 2)]
)
def test_what_the_documentation_shows_is_what_is_installed(page, blocks):
    shown = re.findall(r"```(?:python|toml)\n(.*?)```", (ROOT / f"docs/{page}.md").read_text(), re.DOTALL)
    files = [path.read_text() for path in PLUGIN.rglob("*") if path.suffix in (".py", ".toml")]
    assert len(shown) == blocks
    whole = page != "plugins"  # a page of its own is to be copied as it is
    assert [block for block in shown if not any(block == text or (not whole and block in text) for text in files)] == []


def test_a_page_lists_ours_in_their_own_words():
    selectors = [one for one in vars(select).values() if hasattr(one, "pick") and one is not select._Among]
    of_a_page = {
        "add-a-scenario": [*catalogue.STEPS, *(one for one in selectors if one.__module__ == select.__name__)],
        "add-a-fault": every.classes(),
        "add-a-check": [getattr(checks, name) for name in checks.__all__],
    }
    for page, ours in of_a_page.items():
        text = (ROOT / f"docs/{page}.md").read_text()
        rows = [f"| `{one.__name__}` | {' '.join(str(one.__doc__).split(chr(10) * 2)[0].split())} |" for one in ours]
        assert [row for row in rows if row not in text] == []


def test_its_own_tests_pass(site):
    path = os.pathsep.join([str(site), str(ROOT)])
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(PLUGIN / "tests")]
    done = subprocess.run(words, capture_output=True, text=True, cwd=PLUGIN, env=os.environ | {"PYTHONPATH": path})
    assert (done.returncode, "3 passed" in done.stdout) == (0, True), done.stdout


def test_its_scenario_is_listed_beside_ours(harness):
    names = {line.split()[0] for line in harness("list").stdout.splitlines() if line}
    assert {"out-of-memory", "kill-node"} <= names


def test_its_rule_finds_and_ours_do(harness):
    found = json.loads(harness("lint", "--format", "json", "profiles/kubeadm").stdout)["findings"]
    assert {"EX1", "K06"} <= {one["code"] for one in found}
    (first, *_) = [one for one in found if one["code"] == "EX1"]
    assert (first["line"], first["message"]) == (16, "virtual_router_id 51 is none of ours, 60 to 69")


def test_its_report_format_is_chosen_by_name(harness, tmp_path):
    folder = stored_campaign(tmp_path, crash_of_owner())
    done = harness("report", str(folder), "--format", "markdown")
    assert (done.stdout.strip(), done.returncode) == (str(folder / "report.md"), 0), done.stderr
    assert "| kill-node | article | " in (folder / "report.md").read_text()
    assert "did you mean 'markdown'?" in harness("report", str(folder), "--format", "markdwon").stderr


def test_its_fault_is_predicted_by_its_effect_as_ours_of_the_same(harness):
    asked = [harness("predict", "--json", "-s", name).stdout for name in ("out-of-memory", "kill-apiserver")]
    ((mine,), (ours,)) = (scenario for one in asked for scenario in json.loads(one)["scenarios"].values())
    assert mine.pop("fault") == "OutOfMemory kube-apiserver"
    assert ours.pop("fault") == "ProcessKill kube-apiserver"
    assert mine == ours


def test_its_fault_is_simulated_by_its_effect_as_ours_and_that_is_said(harness):
    words = ("simulate", "-s", "out-of-memory", "-s", "kill-apiserver", "--trials", "50")
    mine, ours = json.loads(harness(*words, "--json").stdout)
    assert (mine.pop("by_effect"), ours.pop("by_effect")) == (["KillLargest"], [])
    assert [one.pop("scenario") for one in (mine, ours)] == ["out-of-memory", "kill-apiserver"]
    assert [one["faults"][0].pop("fault") for one in (mine, ours)] == ["OutOfMemory", "ProcessKill"]
    assert mine == ours
    said = " ".join(harness(*words).stdout.split())
    assert "KillLargest: played by its fault's effect, as the model knows no such deed" in said


@pytest.mark.lab
@pytest.mark.alone
def test_its_fault_is_injected_and_its_check_asked_in_a_lab(harness, engine, tmp_path):
    """The deed's module is none of the images': it is brought into the machine that it breaks."""
    done = harness("run", "-s", "out-of-memory", "--out", str(tmp_path))
    (trial,) = store.trials(tmp_path)
    edges = list(store.load_trial(trial)[1].of(FaultEdge))
    assert [(e.data.fault, e.data.action, e.data.edge) for e in edges] == [
        ("OutOfMemory", action, edge) for action in ("inject", "heal") for edge in ("begin", "end")
    ], done.stderr
    assert (edges[0].data.detail.process, edges[0].data.detail.signal) == ("kube-apiserver", "SIGKILL")
    judged = store.load_verdict(trial)
    assert len(judged.evictions) == 3
    assert "FewFail" in {one.check for one in judged.findings}
    assert judged.outcome is not Outcome.FAILED  # a busy machine leaves it open
