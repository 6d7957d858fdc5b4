"""Against failover-theory's own figures, worked out by hand, and every way in which the VIP does not move."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.chain.rest import at_rest, home
from harness.predict.migration import Migration, Stays, migrate
from harness.predict.timers import Timers
from harness.profile.folder import changed
from tests.predict.made import heirs, interval, predicted, priorities, profile, without_haproxy

WAIT = "vip_migration_s"


def rest_of(made):
    return home(Chain(made))


def near(*seconds):
    return pytest.approx(seconds, abs=0.005)


def test_the_articles_haproxy_dies():
    found = predicted(profile(), Kind.PROXY_DEAD)
    # script 0–3 s, then (MDI − 1, MDI] of m2 with 109 + 2: 3 + 145/256 = 3.566
    assert interval(found, WAIT) == near(2.566, 6.566)
    assert heirs(found) == ("m2",)


def test_detection_and_election_add_up_to_the_migration():
    found = predicted(profile(), Kind.PROXY_DEAD)
    # The owner tells of its lower priority with its next advert; from there the backup's wait is an advert shorter.
    assert interval(found, "detection_s") == near(0, 4)
    assert interval(found, "election_s") == near(2.566, 2.566)


def test_kubeadms_haproxy_dies_or_hangs():
    # ten failures 3 s apart; one that is refused takes no time, one that hangs curl's 2 s: 29.6–35.6 between them
    assert interval(predicted(profile("kubeadm"), Kind.PROXY_DEAD), WAIT) == near(29.609, 33.609)
    assert interval(predicted(profile("kubeadm"), Kind.PROXY_HUNG), WAIT) == near(31.609, 35.609)


def test_a_node_dies():
    assert interval(predicted(profile("kubeadm"), Kind.NODE_CRASH), WAIT) == near(2.609, 3.609)
    assert interval(predicted(profile("article-priority-99"), Kind.NODE_CRASH), WAIT) == near(2.605, 3.605)


def test_a_graceful_stop_takes_the_skew_alone():
    assert interval(predicted(profile("kubeadm"), Kind.KEEPALIVED_STOPPED), WAIT) == near(0.609, 0.609)
    assert interval(predicted(profile("kubeadm"), Kind.NODE_STOP), WAIT) == near(0.609, 0.609)


def test_weight_0_is_a_fault_and_takes_the_skew_too():
    made = profile(keepalived={"weight 2": "weight 0"})
    found = predicted(made, Kind.PROXY_DEAD)
    assert interval(found, "detection_s") == near(0, 3)
    assert interval(found, "election_s") == near(0.574, 0.574)  # 109 without a bonus
    assert interval(found, "no_master_s") == near(0.574, 0.574)


def test_version_3_with_fractions_of_a_second():
    made = profile(keepalived={"^    advert_int 1": "    version 3\n    advert_int 0.2"})
    # 3 × 0.2 + 0.2 × 145/256 = 0.713
    assert interval(predicted(made, Kind.NODE_CRASH), WAIT) == near(0.513, 0.713)


def test_kubeadm_as_fast_as_is_safe():
    made = profile("kubeadm-fast")
    best = Chain(made).priority("m2")
    assert best is not None
    down_s = 3 * 0.3 + 0.3 * (256 - best) / 256
    assert interval(predicted(made, Kind.NODE_CRASH), WAIT) == near(down_s - 0.3, down_s)
    # two failures a second apart
    assert interval(predicted(made, Kind.PROXY_DEAD), WAIT) == near(1 + down_s - 0.3, 2 + down_s)


def test_unicast_changes_no_time():
    for kind in (Kind.NODE_CRASH, Kind.PROXY_DEAD):
        assert interval(predicted(profile("unicast"), kind), WAIT) == interval(predicted(profile(), kind), WAIT)


def test_nginx_is_watched_by_its_own_name():
    found = predicted(profile("nginx"), Kind.PROXY_DEAD)
    assert str(found.failure) == "nginx dies on m1"
    assert interval(found, WAIT) == near(2.566, 6.566)
    assert "a process named nginx" in predicted(profile("nginx"), Kind.PROXY_HUNG).move.why


def test_a_killed_keepalived_leaves_two_owners():
    found = predicted(profile(), Kind.KEEPALIVED_KILLED)
    assert interval(found, WAIT) == near(2.566, 3.566)
    assert interval(found, "no_master_s") == (0, 0)
    assert "dual_master_s" not in found.measures
    assert "two owners" in found.move.why


def test_who_is_no_longer_heard_keeps_it_too_and_hears_of_the_other_once_healed():
    found, killed = predicted(profile(), Kind.VRRP_CUT), predicted(profile(), Kind.KEEPALIVED_KILLED)
    assert interval(found, WAIT) == interval(killed, WAIT)
    assert "dual_master_s" not in found.measures
    assert interval(found, "failback_s") == (0, 1)  # its own next advert, or the other's
    assert interval(found, "blackout_s")[1] > 45  # clients may not be told whose it is then


def test_a_backup_that_hears_nobody_takes_it_as_well_and_nobody_can_tell_whom_clients_reach():
    found = predicted(profile(), Kind.VRRP_CUT, node="m2")
    assert found.depends.startswith("on whom clients then reach: m2 hears of no owner any more")
    assert set(found.measures) == {"vip_migration_s", "blackout_s"}


def test_the_99_of_the_article_never_moves():
    found = predicted(profile("article-priority-99"), Kind.PROXY_DEAD)
    assert found.measures[WAIT].bounds is None
    assert found.measures["blackout_s"].lasts
    assert found.move.why == ("m1 keeps the VIP: it still advertises 110, and the best of the others, m2, has 101")
    cited = [f"{one.where} {one.text}".rpartition("/m")[2] for one in found.measures[WAIT].settings]
    assert "1/keepalived.conf:15 priority 110" in cited
    assert "2/keepalived.conf:15 priority 99" in cited


def test_an_equal_priority_does_not_take_over():
    assert isinstance(predicted(profile(of_node=priorities(111, 109, 108)), Kind.PROXY_DEAD).move, Stays)
    assert isinstance(predicted(profile(of_node=priorities(110, 109, 108)), Kind.PROXY_DEAD).move, Migration)


def test_haproxy_hangs_and_a_name_says_nothing():
    found = predicted(profile(), Kind.PROXY_HUNG)
    assert found.move == Stays(
        "m1 keeps the VIP: check_haproxy looks whether a process named haproxy exists", found.move.settings
    )
    assert found.measures["blackout_s"].lasts


def test_nothing_is_tracked():
    made = profile(keepalived={r"track_script \{\n +check_haproxy\n +\}": ""})
    found = predicted(made, Kind.PROXY_DEAD)
    assert found.move.why == "nothing is tracked on m1: nothing notices"
    assert interval(predicted(made, Kind.NODE_CRASH), WAIT) == near(2.574, 3.574)


@pytest.mark.parametrize("lifts", [False, True])
def test_a_script_that_cannot_be_executed_is_tracked_by_nobody(lifts):
    made = profile("kubeadm", keepalived={"weight .*": "weight 20"} if lifts else {})
    dull = {node: [replace(f, mode=0o644) for f in group] for node, group in made.files.items()}
    found = predicted(changed(made, dull), Kind.PROXY_DEAD)
    told = "check_apiserver is removed, as /etc/keepalived/check_apiserver.sh is not executable"
    assert found.move.why == f"nothing is tracked on m1: {told}"
    one = {node: group if node == "m1" else made.files[node] for node, group in dull.items()}
    assert rest_of(changed(made, one)) == ("m3" if lifts else "m1")


def test_nopreempt_keeps_a_stronger_backup_waiting():
    lazy = {node: {"advert_int 1": "advert_int 1\n    nopreempt"} for node in ("m2", "m3")}
    found = predicted(profile(of_node=lazy), Kind.PROXY_DEAD)
    assert "nopreempt has it accept that" in found.move.why
    assert isinstance(predicted(profile(of_node=lazy), Kind.NODE_CRASH).move, Migration)


def test_a_weaker_backup_that_preempts_goes_before_one_that_does_not():
    lazy = {"m2": {"advert_int 1": "advert_int 1\n    nopreempt"}}
    made = profile(of_node={**lazy, "m3": {"priority 108": "priority 109"}})
    assert heirs(predicted(made, Kind.PROXY_DEAD)) == ("m3",)
    assert heirs(predicted(made, Kind.NODE_CRASH)) == ("m3", "m2")


def test_preempt_delay_delays_a_failover_too():
    late = {node: {"advert_int 1": "advert_int 1\n    preempt_delay 5"} for node in ("m2", "m3")}
    # [D + MDI − adv, D + MDI + adv] after the script's verdict
    assert interval(predicted(profile(of_node=late), Kind.PROXY_DEAD), WAIT) == near(7.566, 12.566)
    assert interval(predicted(profile(of_node=late), Kind.NODE_CRASH), WAIT) == near(2.566, 3.566)


def test_what_fails_beside_the_owner_moves_nothing():
    found = predicted(profile(), Kind.NODE_CRASH, node="m2")
    assert found.move == Stays("the VIP stays: m2 does not hold it", wrong=False)
    assert found.owner == "m1"


def test_a_dead_backend_is_haproxys_business_and_without_haproxy_the_vips():
    move = predicted(profile(), Kind.APISERVER_DEAD).move
    assert isinstance(move, Stays) and move.wrong is False
    direct = without_haproxy()
    assert interval(predicted(direct, Kind.APISERVER_DEAD), WAIT) == near(2.566, 6.566)
    assert interval(predicted(direct, Kind.APISERVER_DEAD), "blackout_s") == near(2.566, 6.566)


def test_two_checks_of_which_only_both_are_enough():
    slow = 'vrrp_script slow {\n    script "killall -0 haproxy"\n    interval 10\n    weight 2\n}\nvrrp_instance'
    made = profile(
        keepalived={"^vrrp_instance": slow, "^        check_haproxy": "        check_haproxy\n        slow"},
        of_node=priorities(110, 107, 106),
    )
    # 114 falls to 112, still above 111, and to 110 once the slow one has failed too: 0–10 s, then MDI of 111
    assert interval(predicted(made, Kind.PROXY_DEAD), WAIT) == near(2.566, 13.566)


def test_the_second_fault_meets_what_the_first_has_left():
    chain = Chain(profile())
    first = migrate(chain, Failure(Kind.NODE_CRASH, "m1"), at_rest(chain))
    assert isinstance(first, Migration) and first.heirs == ("m2",)
    left = Standing("m2", ("m2", "m3"))
    second = migrate(chain, Failure(Kind.NODE_CRASH, "m2"), left)
    assert isinstance(second, Migration) and second.heirs == ("m3",)
    assert second.total.bounds.max == pytest.approx(3.570, abs=1e-3)
    last = Standing("m3", ("m3",))
    assert migrate(chain, Failure(Kind.NODE_CRASH, "m3"), last) == Stays("no node is left that could take the VIP")


def test_a_rival_whose_own_check_fails_is_no_rival():
    chain = Chain(profile())
    standing = Standing("m1", ("m1", "m2", "m3"), (Failure(Kind.PROXY_DEAD, "m2"),))
    move = migrate(chain, Failure(Kind.PROXY_DEAD, "m1"), standing)
    assert isinstance(move, Stays)  # m2 has 109, m3 110 against m1's 110


@settings(max_examples=40)
@given(
    st.integers(1, 6), st.integers(1, 8), st.integers(-20, 20),
    st.tuples(*[st.integers(80, 120)] * 3), st.sampled_from([Kind.PROXY_DEAD, Kind.PROXY_HUNG, Kind.NODE_CRASH]),
)  # fmt: skip
def test_intervals_are_sound_whatever_the_settings(interval_s, fall, weight, bases, kind):
    made = profile(
        "kubeadm",
        keepalived={"interval 3": f"interval {interval_s}", "fall 10": f"fall {fall}", "weight -2": f"weight {weight}"},
        of_node=priorities(*bases),
    )
    found = predicted(made, kind)
    for expected in found.measures.values():
        if expected.bounds is not None:
            shares = expected.shares_s or ()
            assert [*shares] == sorted(shares)
            assert all(expected.bounds.min - 1e-5 <= share <= expected.bounds.max + 1e-5 for share in shares)
    if kind is Kind.PROXY_DEAD:
        timers = Timers(made)
        assert timers.moves(home(timers.chain)) is (found.measures[WAIT].bounds is not None)


@settings(max_examples=40)
@given(st.integers(2, 9), st.integers(2, 9), st.sampled_from(["interval", "fall", "advert_int"]))
def test_a_shorter_setting_never_predicts_a_slower_worst_case(value, other, word):
    def worst(number):
        plain = {"interval": "interval 3", "fall": "fall 10"}
        edits = (
            {plain[word]: f"{word} {number}"}
            if word in plain
            else {"^    authentication": f"    advert_int {number}\n    authentication"}
        )
        return interval(predicted(profile("kubeadm", keepalived=edits), Kind.PROXY_DEAD), WAIT)[1]

    assert worst(min(value, other)) <= worst(max(value, other))


def two_watches(script: int, process: int, **how):
    """The article's check with a weight, and haproxy's process with another."""
    definition = f"vrrp_track_process proxy {{\n    process haproxy\n    weight {process}\n}}\nvrrp_instance"
    if not process:
        definition = definition.replace("    weight 0\n", "")
    uses = "track_process {\n        proxy\n    }\n    track_script"
    edits = {"weight 2": f"weight {script}", "^vrrp_instance": definition, "track_script": uses}
    return predicted(profile(keepalived=edits | how), Kind.PROXY_DEAD).move


def test_a_fault_overtakes_a_wait_for_a_lowered_priority():
    found = two_watches(script=0, process=-20)
    assert found.heirs == ("m2",) and "has weight 0" in found.why and "m1 then advertises 90" in found.why
    # The check fails within 3 s, and skew follows; the lowered priority alone would take 2.57–3.58 s.
    assert (found.total.bounds.min, found.total.bounds.max) == pytest.approx((0.574, 3.578), abs=0.01)


def test_what_is_over_before_another_begins_is_all_that_comes_of_it():
    found = two_watches(script=2, process=0)
    assert (found.total.bounds.min, found.total.bounds.max) == pytest.approx((0.566, 0.577), abs=0.01)
    assert found.heirs == ("m2",)


def test_of_two_faults_the_first_counts():
    found = two_watches(script=0, process=0)
    assert (found.total.bounds.min, found.total.bounds.max) == pytest.approx((0.574, 0.585), abs=0.01)


def test_who_does_not_preempt_decides_nothing_between_two_lowered_priorities():
    lazy = {"m2": {"state BACKUP": "state BACKUP\n    nopreempt"}}
    definition = "vrrp_track_process proxy {\n    process haproxy\n    weight -2\n}\nvrrp_instance"
    uses = "track_process {\n        proxy\n    }\n    track_script"
    edits = {"weight 2": "weight -20", "^vrrp_instance": definition, "track_script": uses}
    found = predicted(profile(keepalived=edits, of_node=lazy), Kind.PROXY_DEAD).move
    # m1 falls to 108 at once, below m2's 109, which leaves that be; to 88, below m3's 108, with its check.
    assert isinstance(found, Migration) and found.heirs == ("m3",)
    assert found.detection.bounds.max == pytest.approx(4.0)
