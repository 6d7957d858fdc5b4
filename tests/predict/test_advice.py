from math import inf

import pytest

from harness.predict.advice import changes
from tests.predict.made import profile, without_haproxy


def gained(made):
    return {change.measure: change for change in changes(made)}


def test_kubeadm_waits_for_ten_failures():
    change = gained(profile("kubeadm"))["haproxy dies: the VIP moves"]
    assert (change.setting.text, change.becomes) == ("fall 10", "2")
    assert change.before_s - change.after_s == pytest.approx(8 * 3)
    assert str(change.setting.where).endswith("kubeadm/m1/keepalived.conf:9")


def test_the_articles_99_needs_a_weight_above_the_gap():
    change = gained(profile("article-priority-99"))["haproxy dies: the VIP moves"]
    # Or none at all: FAULT spares the election, which leaves the script's interval and a skew.
    assert (change.setting.text, change.becomes) == ("weight 2", "0")
    assert (change.before_s, change.after_s) == (inf, pytest.approx(3.61, abs=0.01))


def test_a_check_of_what_all_nodes_share_is_not_to_be_a_fault():
    asking = {"weight -2": "weight -1"}
    assert gained(profile("kubeadm", keepalived=asking | {"fall 10": "fall 2"}))[
        "haproxy dies: the VIP moves"
    ].becomes not in ("0",)


def test_no_setting_that_is_tried_by_hand_does_more_than_what_is_said_to():
    """What an operator may try: the advice is the best of the same prediction."""
    best = gained(profile())["haproxy dies: the VIP moves"].after_s
    for keepalived in ({"weight 2": "weight 0"}, {"interval 3": "interval 1"}, {"weight 2": "weight 20"}):
        assert gained(profile(keepalived=keepalived))["haproxy dies: the VIP moves"].before_s >= best - 0.05


def test_what_is_said_to_help_helps_when_it_is_done():
    before = gained(profile())
    assert before["a backend is silent: it is out"].becomes == "1s"
    done = gained(profile(haproxy={" check ": " check inter 1s "}))
    assert done["a backend is silent: it is out"].before_s == before["a backend is silent: it is out"].after_s
    assert before["haproxy dies: the VIP moves"].becomes == "0"
    done = gained(profile(keepalived={"weight 2": "weight 0"}))
    assert done["haproxy dies: the VIP moves"].before_s == before["haproxy dies: the VIP moves"].after_s


def test_a_check_that_sees_nothing_is_to_ask():
    found = gained(profile())
    assert found["haproxy hangs: the VIP moves"].setting.text == "script /opt/keepalived-check/haproxy.sh"
    assert found["haproxy hangs: the VIP moves"].before_s == inf
    assert found["a backend hangs before TLS: it is out"].setting.text == "check"


def test_where_all_is_as_fast_as_is_safe_nothing_is_said_to_help():
    fast = profile(
        keepalived={"interval 3": "interval 1", "weight 2": "weight 0"},
        of_node={f"m{n}": {r"priority \d+": f"priority {253 - n}"} for n in (1, 2, 3)},
        haproxy={" check ": " check inter 1s fastinter 500ms fall 2 "},
    )
    for change in changes(fast):
        assert change.setting is None or change.before_s == inf, change


def test_without_haproxy_the_apiserver_is_what_dies():
    found = gained(without_haproxy())
    assert list(found)[:2] == ["the apiserver dies: the VIP moves", "the apiserver hangs: the VIP moves"]
    assert not any("backend" in title for title in found)
