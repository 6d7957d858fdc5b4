import math

import pytest

from harness.chain import compile as chains
from harness.chain.failure import Kind
from harness.predict.migration import Migration
from harness.predict.timers import SLACK_S, Timers
from tests.predict.made import predicted, priorities, profile, without_haproxy


def test_the_article_fails_over_within_its_interval_and_an_election():
    article = Timers(profile())
    assert article.script_failover_s.max == pytest.approx(3 + 3.566 + SLACK_S, abs=0.001)
    assert article.moves("m1")


def test_ninety_nine_never_moves_and_is_waited_for_all_the_same():
    weak = Timers(profile(of_node=priorities(110, 99, 98)))
    assert not weak.moves("m1")
    assert weak.script_failover_s.max > 6.5
    assert weak.failback_s.max == 0


def test_the_first_election_is_over_when_the_strongest_has_waited():
    assert Timers(profile()).first_election_s == pytest.approx(3.570, abs=0.001)


def test_eviction_of_a_silent_backend_waits_out_its_checks():
    assert Timers(profile()).eviction_refused_s.max == 6 + SLACK_S
    assert Timers(profile()).eviction_dropped_s.max == 12 + SLACK_S


def test_kubeadm_tolerates_ten_failures():
    assert Timers(profile("kubeadm")).script_failover_s.min == pytest.approx(27 + 2.609, abs=0.001)


def test_without_haproxy_it_is_the_apiserver_that_the_vip_follows():
    direct = Timers(without_haproxy())
    assert direct.script_failover_s.max == pytest.approx(3 + 3.566 + SLACK_S, abs=0.001)
    assert direct.eviction_dropped_s.max == direct.readmission_s.max == SLACK_S


def test_a_silent_server_makes_its_check_the_slowest_of_a_broken_chain():
    assert (Timers(profile()).slowest_period_s, Timers(profile()).slowest_broken_s) == (3.0, 2.0 + 2.0)


@pytest.mark.parametrize(
    "name", ["article", "article-slow-check", "keepalived-only", "kubeadm", "kubeadm-fast", "unicast"]
)
def test_the_lab_and_the_simulation_spread_repairs_over_the_same_time(name):
    assert Timers(profile(name)).slowest_broken_s == chains.of(profile(name)).slowest_s


def test_where_a_failover_may_take_any_time_as_long_is_waited_as_keepalived_itself_takes():
    tracked = {r"track_script \{\n +check_haproxy": "track_file {\n        by_hand"}
    defined = {r"^vrrp_instance": "track_file by_hand {\n    file /run/by_hand\n}\nvrrp_instance"}
    made = profile(keepalived=tracked | defined)
    move = predicted(made, Kind.PROXY_DEAD)
    assert isinstance(move.move, Migration) and math.isinf(move.move.total.bounds.max)
    assert "by_hand" in move.depends and "may put m1" in move.move.why
    assert move.measures["blackout_s"].open
    assert Timers(made).script_failover_s.max == Timers(made).node_failover_s.max
