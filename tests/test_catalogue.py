import re
from pathlib import Path

import pytest

from harness import assets, catalogue, store
from harness.errors import HistoryError, UsageError
from harness.judge import judge
from harness.predict.timers import Timers
from harness.profile import folder as profiles
from harness.steps import Inject
from tests.drawn import crash_of_owner
from tests.stored import stored_campaign

OWN = """
from harness.checks import VipMoves
from harness.faults.node import NodeCrash
from harness.select import VipOwner
from harness.spec import Scenario
from harness.steps import Heal, Hold, Inject

scenario = Scenario(
    "The owner falls silent, told by somebody else.",
    steps=lambda t: [Inject(NodeCrash(VipOwner())), Hold(1), Heal()],
    checks=lambda t: [VipMoves(0)],
)
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "mine" / "power_cut.py"
    path.parent.mkdir()
    path.write_text(OWN)
    return path


def test_the_scenarios_there_are():
    assert set(catalogue.names()) >= {"kill-apiserver", "kill-haproxy", "kill-node", "kill-two-masters", "node-returns"}


def test_every_scenario_of_ours_is_of_one_group():
    assert "" not in catalogue.by_group()
    assert sorted(catalogue.grouped(list(catalogue.by_group()))) == catalogue.names()
    assert {"kill-node", "stop-node"} <= set(catalogue.grouped(["node"]))


def test_an_unknown_group_is_told_with_those_there_are():
    with pytest.raises(UsageError, match="no scenarios of a group 'nodes': there are process, node"):
        catalogue.grouped(["nodes"])


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(UsageError, match="did you mean 'kill-node'"):
        catalogue.find("kil-node")


@pytest.mark.parametrize("name", catalogue.names())
@pytest.mark.parametrize("profile", ["article", "kubeadm"])
def test_every_scenario_makes_steps_and_checks_for_every_profile(name, profile):
    timers = Timers(profiles.load(profiles.find(profile, assets.PROFILES)))
    scenario = catalogue.find(name)
    assert scenario.steps(timers)
    assert scenario.checks(timers)
    assert scenario.summary


def test_a_file_of_ones_own_is_a_scenario(own):
    (name, found), *others = catalogue.chosen([str(own)]).items()
    assert (name, found.file, others) == ("power-cut", str(own), [])
    assert "told by somebody else" in found.summary


def test_a_package_brings_scenarios_by_entry_point(own, installed):
    installed.package("more", f"FOLDER = {str(own.parent)!r}", scenarios="cuts = more:FOLDER")
    assert {"power-cut", "kill-node"} <= set(catalogue.names())
    assert catalogue.find("power-cut").file == str(own)


def test_a_name_that_another_package_has_is_refused_naming_both(own, installed):
    own.rename(own.parent / "kill_node.py")
    installed.package("more", f"FOLDER = {str(own.parent)!r}", scenarios="cuts = more:FOLDER")
    with pytest.raises(UsageError, match="more brings the scenario 'kill-node', which failover-harness has: rename it"):
        catalogue.names()


@pytest.mark.parametrize(("value", "says"), [("'/nowhere'", "/nowhere is no folder"), ("1", "TypeError: expected str")])
def test_an_entry_point_that_is_no_folder_is_told(installed, value, says):
    installed.package("more", f"FOLDER = {value}", scenarios="cuts = more:FOLDER")
    with pytest.raises(UsageError, match=rf"^more: its entry point cuts = more:FOLDER in {catalogue.GROUP}: {says}"):
        catalogue.names()


def test_a_scenario_defines_a_fault_of_its_own(own):
    """A dataclass asks its module what its annotations mean, so that there must be one."""
    fault = "@dataclass(frozen=True)\nclass Own(NodeCrash):\n    after_s: float = 1.0\n\n\nscenario ="
    head = "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    own.write_text(head + OWN.replace("scenario =", fault).replace("Inject(NodeCrash", "Inject(Own"))
    first = catalogue.load(own).steps(Timers(profiles.load(profiles.find("article", assets.PROFILES))))[0]
    assert isinstance(first, Inject) and type(first.fault).__name__ == "Own"


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("import VipMoves", "import VipMooves", r"power_cut.py:2: ImportError: cannot import name 'VipMooves'"),
        ("scenario = Scenario(", "scenario = Scenario(", None),
        ("scenario = ", "scene = ", r"power_cut.py:1: has no `scenario`; say scenario = Scenario\("),
        ("Scenario(\n", "dict(summary=\n", r"power_cut.py:1: `scenario` is a dict"),
        ("Hold(1)", "Hold(t.lunch_s)", r"power_cut.py:10: AttributeError: .*no attribute 'lunch_s'"),
        ("Hold(1)", "1", r"power_cut.py:10: 1 is no step; a step is Hold, Inject, Heal, Await"),
        ("VipOwner()))", "'m1'))", r"power_cut.py:10: NodeCrash is on 'm1', which picks no node"),
        ("NodeCrash(VipOwner())", "VipOwner()", r"power_cut.py:10: VipOwner has no on and no effect and no inject"),
        ("VipMoves(0)", "VipMoves", None),
        ("[VipMoves(0)]", "[0]", r"power_cut.py:11: 0 is no check: it has no method `findings`"),
        ("steps=lambda", "steps lambda", r"power_cut.py:10: invalid syntax"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(own, before, after, says):
    assert before in OWN
    own.write_text(OWN.replace(before, after, 1))
    if says is None:
        catalogue.load(own)
        return
    with pytest.raises(UsageError, match=says):
        catalogue.load(own)


def test_a_mistake_in_a_file_given_from_where_one_stands_has_its_line_too(own, monkeypatch):
    own.write_text(OWN.replace("Hold(1)", "Hold(t.lunch_s)"))
    monkeypatch.chdir(own.parent)
    with pytest.raises(UsageError, match=r"^power_cut.py:10: AttributeError"):
        catalogue.find("power_cut.py")


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(UsageError, match=r"nowhere.py: no such file"):
        catalogue.find("nowhere.py")


def test_a_stored_trial_is_judged_again_by_its_file_or_says_what_is_missing(own, tmp_path):
    folder = stored_campaign(tmp_path / "reports", crash_of_owner())
    (trial,) = store.trials(folder)
    spec, history = store.load_trial(trial)
    kept = store.Named("power-cut", "", str(own))
    text = (trial / "spec.json").read_text().replace('"kill-node"', '"power-cut"', 1)
    assert spec.scenario.name != kept.name
    (trial / "spec.json").write_text(text.replace('"file": ""', f'"file": "{own}"', 1))
    assert judge(trial).scenario == "power-cut"
    own.unlink()
    with pytest.raises(HistoryError, match=rf"spec.json: the scenario 'power-cut' was in {own}, which is not here"):
        judge(trial)
    assert judge(trial, catalogue.find("kill-node")).scenario == "power-cut"
    assert history.events


def test_make_test_runs_one_of_each_group():
    said = re.search(r"^REPRESENTATIVES := (.*)$", (Path(__file__).parents[1] / "Makefile").read_text(), re.MULTILINE)
    assert said
    chosen = {name.replace("_", "-") for name in said[1].split()}
    assert chosen <= set(catalogue.names())
    assert [group for group, names in catalogue.by_group().items() if not chosen & set(names)] == []
