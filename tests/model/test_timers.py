import dataclasses

import pytest

from harness import assets
from harness.model.timers import SLACK_S, Timers, master_down_s
from harness.profile.files import KEEPALIVED
from harness.profile.folder import changed, find, load


def timers(name, **priorities):
    profile = load(find(name, assets.PROFILES))
    files = {
        node: [dataclasses.replace(f, text=_with_priority(f, priorities.get(node))) for f in group]
        for node, group in profile.files.items()
    }
    return Timers(changed(profile, files))


def _with_priority(file, priority):
    if priority is None or file.path != KEEPALIVED:
        return file.text
    return "\n".join(f"    priority {priority}" if "priority" in line else line for line in file.text.splitlines())


@pytest.mark.parametrize(("priority", "wait"), [(254, 3.008), (110, 3.570), (109, 3.574), (99, 3.613)])
def test_master_down_is_three_adverts_and_the_skew(priority, wait):
    (instance,) = load(find("article", assets.PROFILES)).instances["m1"]
    assert master_down_s(priority, instance) == pytest.approx(wait, abs=0.0006)


def test_the_article_fails_over_within_its_interval_and_an_election():
    article = timers("article")
    assert article.script_failover_s.max == pytest.approx(3 + 3.574 + SLACK_S, abs=0.01)
    assert article.moves("m1")


def test_ninety_nine_never_moves():
    assert not timers("article", m2=99, m3=98).moves("m1")


def test_eviction_of_a_silent_backend_waits_out_its_checks():
    assert timers("article").eviction_refused_s.max == 6 + SLACK_S
    assert timers("article").eviction_dropped_s.max == 12 + SLACK_S


def test_kubeadm_tolerates_ten_failures():
    assert timers("kubeadm").script_failover_s.min == pytest.approx(27 + 2.609, abs=0.001)
