from math import inf

import pytest

from harness.model.gain import changes
from tests.model.made import profile, without_haproxy


def gained(made):
    return {change.measure: change for change in changes(made)}


def test_kubeadm_waits_for_ten_failures():
    change = gained(profile("kubeadm"))["haproxy dies: the VIP moves"]
    assert (change.setting.text, change.becomes) == ("fall 10", "2")
    assert change.before_s - change.after_s == pytest.approx(8 * 3)
    assert str(change.setting.where).endswith("kubeadm/m1/keepalived.conf:9")


def test_the_articles_99_needs_a_weight_above_the_gap():
    change = gained(profile("article-priority-99"))["haproxy dies: the VIP moves"]
    assert (change.setting.text, change.becomes) == ("weight 2", "12")
    assert (change.before_s, change.after_s) == (inf, pytest.approx(6.57, abs=0.01))


def test_what_is_said_to_help_helps_when_it_is_done():
    before = gained(profile())
    assert before["a backend is silent: it is out"].becomes == "1s"
    done = gained(profile(haproxy={" check ": " check inter 1s "}))
    assert done["a backend is silent: it is out"].before_s == before["a backend is silent: it is out"].after_s
    assert before["haproxy dies: the VIP moves"].becomes == "1"
    done = gained(profile(keepalived={"interval 3": "interval 1"}))
    assert done["haproxy dies: the VIP moves"].before_s == before["haproxy dies: the VIP moves"].after_s


def test_a_check_that_sees_nothing_is_to_ask():
    found = gained(profile())
    assert found["haproxy hangs: the VIP moves"].setting.text == "script /opt/keepalived-check/haproxy.sh"
    assert found["haproxy hangs: the VIP moves"].before_s == inf
    assert found["a backend hangs before TLS: it is out"].setting.text == "check"


def test_where_all_is_as_fast_as_is_safe_nothing_is_said_to_help():
    fast = profile(
        keepalived={"interval 3": "interval 1"},
        of_node={f"m{n}": {r"priority \d+": f"priority {253 - n}"} for n in (1, 2, 3)},
        haproxy={" check ": " check inter 1s fastinter 500ms fall 2 "},
    )
    for change in changes(fast):
        assert change.setting is None or change.before_s == inf, change


def test_without_haproxy_the_apiserver_is_what_dies():
    found = gained(without_haproxy())
    assert list(found)[:2] == ["the apiserver dies: the VIP moves", "the apiserver hangs: the VIP moves"]
    assert not any("backend" in title for title in found)
