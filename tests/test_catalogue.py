import pytest

from harness import assets, catalogue
from harness.errors import UsageError
from harness.model.timers import Timers
from harness.profile import folder as profiles


def test_the_scenarios_there_are():
    assert set(catalogue.names()) >= {"kill-apiserver", "kill-haproxy", "kill-node", "kill-two-masters", "node-returns"}


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
    assert len((assets.SCENARIOS / f"{name.replace('-', '_')}.py").read_text().splitlines()) <= 30
