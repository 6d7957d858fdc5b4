from harness import assets, catalogue
from harness.predict.timers import Timers
from harness.profile import folder as profiles
from harness.report import story
from tests.report.pages import piped


def page(name: str, profile: str = "article") -> str:
    found = profiles.load(profiles.find(profile, assets.PROFILES))
    return "\n".join(piped(story.page(name, catalogue.find(name), found)))


def test_it_tells_what_is_done_what_is_asked_and_what_is_predicted():
    said = page("kill-haproxy")
    assert "process, 16–25 s on article" in said
    assert "ProcessKill haproxy on VipOwner" in said
    assert "NoAcknowledgedWriteLost  Every acknowledged write is found again when all is read back" in said
    assert "m1 then advertises 110, and m2 has 111" in said


def test_what_the_model_does_not_know_is_said():
    assert "Partition on m1: the model does not know what this does" in page("one-way-vrrp")


def test_a_scenario_takes_what_it_holds_and_at_most_what_it_waits_for_in_vain():
    timers = Timers(profiles.load(profiles.find("kubeadm-fast", assets.PROFILES)))
    least_s, most_s = story.lasts(catalogue.find("kill-node"), timers).removesuffix(" s").split("–")
    assert 3 < int(least_s) < int(most_s) < 60
