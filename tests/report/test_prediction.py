import json
from functools import cache
from pathlib import Path

import pytest

from harness import assets, catalogue
from harness.chain.setting import Setting
from harness.predict import predictions
from harness.profile.folder import shipped
from harness.profile.where import Where
from harness.report.prediction import cite, place, table
from harness.report.prediction_data import plain
from tests.predict.made import priorities, profile
from tests.report.pages import assert_readable, piped


@cache
def seen(name, *scenarios):
    return predictions.of(profile(name), {s: catalogue.find(s) for s in scenarios or catalogue.names()})


def told(found) -> str:
    return "\n".join(piped(table(found)))


@pytest.mark.parametrize("name", [path.name for path in shipped(assets.PROFILES)])
def test_every_profile_can_be_read(name):
    page = table(seen(name))
    for width in (80, 120, 200):
        assert_readable(page, width)


def line(text: str, start: str) -> list[str]:
    return next(row for row in text.splitlines() if row.startswith(start)).split()


def test_a_table_a_scenario_with_what_it_follows_from():
    text = told(seen("article", "kill-haproxy"))
    assert "kill-haproxy on article" in text
    assert "haproxy dies on m1 (VIP owner): m1 then advertises 110, and m2 has 111" in text
    assert line(text, "VIP migration")[2:7] == ["2.57", "6.57", "3.11", "4.57", "6.02"]
    assert "m1/keepalived.conf:7 interval 3, :5 fall 1, :8 weight 2, :16 advert_int 1; m2/keepalived.conf:15" in text


def test_where_several_may_have_the_vip_it_is_said_of_which_one_all_this_is():
    equal = predictions.of(profile(of_node=priorities(110, 110, 108)), {})
    first = "m2 and m1 are equally strong: which of them was first has the VIP, and keeps it"
    assert first in told(equal) and plain(equal)["equals"] == ["m2", "m1"]
    assert "equally strong" not in told(seen("article", "kill-haproxy"))


def test_what_will_not_happen_is_said_plainly():
    text = told(seen("article-priority-99", "kill-haproxy"))
    assert "m1 keeps the VIP: it still advertises 110, and the best of the others, m2, has 101" in text
    assert line(text, "VIP migration")[2] == "never"
    assert line(text, "blackout")[1:3] == ["until", "healed"]
    hung = line(told(seen("article", "kill-haproxy")), "haproxy hangs on m1")
    assert hung[4:7] == ["never", "until", "healed"]
    assert " ".join(hung).endswith("check_haproxy looks whether a process named haproxy exists")


def test_failures_without_a_scenario_are_told_too():
    text = told(seen("kubeadm"))
    for failure in ("SIGKILL", "SIGTERM", "shut down gracefully", "hangs before TLS", "hangs after TLS", "with 500"):
        assert failure in text
    assert "two owners, and no peer can tell" in text


def test_the_same_fault_is_shown_once():
    text = told(seen("article", "kill-node", "node-returns"))
    assert "m1 (VIP owner) falls silent, as if its power were cut: as in kill-node" in text
    assert text.count("VIP migration") == 1


def test_it_ends_with_the_one_change_of_each_measure():
    last = told(seen("kubeadm", "kill-haproxy")).split("the one setting to change")[1]
    words = " ".join(line(last, "haproxy dies: the VIP moves"))
    assert words.endswith("33.61 9.61 24.00 m1/keepalived.conf:9 fall 10 → 2")


def test_json_says_the_same_in_numbers():
    found = json.loads(json.dumps(plain(seen("article"))))
    (fault,) = found["scenarios"]["kill-haproxy"]
    migration = fault["predicted"]["measures"]["vip_migration_s"]
    assert (migration["min"], migration["p50"], migration["max"]) == pytest.approx((2.566, 4.566, 6.566), abs=1e-3)
    assert any(
        s["setting"] == "interval 3" and s["where"].endswith("m1/keepalived.conf:7") for s in migration["settings"]
    )
    (hung,) = found["scenarios"]["hang-haproxy"]
    never = hung["predicted"]["measures"]
    assert (never["vip_migration_s"]["never"], never["vip_migration_s"]["max"]) == (True, None)
    assert (never["blackout_s"]["until_healed"], never["blackout_s"]["never"]) == (True, False)
    hangs = next(one for one in found["changes"] if one["measure"] == "haproxy hangs: the VIP moves")
    assert (hangs["worst_s"], hangs["setting"]["where"][-20:]) == (None, "m1/keepalived.conf:6")


def test_a_place_is_told_from_inside_the_profile():
    folder = Path("/etc/mine")
    assert place(Where("/etc/mine/haproxy.cfg", 7), folder) == "haproxy.cfg:7"
    assert place(Where("../mine/m1/keepalived.conf", 7), folder) == "m1/keepalived.conf:7"
    assert place(Where("m1/keepalived.conf", 7), folder) == "m1/keepalived.conf:7"
    settings = (Setting("fall 3", Where("a", 2)), Setting("rise 2", Where("a", 3)), Setting("fall 3", Where("a", 2)))
    assert cite(settings, folder) == "a:2 fall 3, :3 rise 2"
