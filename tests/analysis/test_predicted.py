from harness.analysis.measure import measure
from harness.analysis.predicted import annotate
from harness.chain.chain import Chain
from harness.events import AgentStart, VrrpState
from harness.profile.folder import changed
from tests.drawn import BACKENDS, Drawn, crash_of_owner
from tests.predict.made import priorities, profile


def predicted(drawn, made=None):
    history = drawn.history()
    measures = measure(history, BACKENDS)
    annotate(measures, history, made or profile())
    return measures


def ends(interval):
    return round(interval.min, 2), round(interval.max, 2)


def test_what_is_predicted_stands_beside_what_was_measured():
    measures = predicted(crash_of_owner())
    (crash,) = measures.faults
    assert ends(crash.predicted["vip_migration_s"]) == (2.57, 3.57)
    assert ends(crash.predicted["blackout_s"]) == (2.57, 4.8)
    assert crash.predicted["recovery_s"].min == 0
    assert {ends(row.predicted["eviction_s"]) for row in measures.evictions} == {(10, 12)}
    assert {row.haproxy for row in measures.evictions} == {"m2", "m3"}


def test_who_is_healed_soon_after_another_meets_an_etcd_that_has_no_quorum_yet():
    d = Drawn()
    d.vip(-5, "m1")
    for at_s, node, index in ((2.0, "m1", 0), (12.0, "m3", 1)):
        d.crash(at_s, node, index)
    d.vip(5, "m3")
    d.vip(15, "m2")
    for at_s, node, index in ((40.0, "m3", 1), (40.6, "m1", 0)):
        d.heal(at_s, node, index)
    d.probes(0, 50, every_s=0.1)
    first, _ = predicted(d, profile("kubeadm")).faults
    # its check asks /healthz: eight seconds until etcd has rejoined, six until it has passed twice, then the wait
    assert ends(first.predicted["failback_s"]) == (0, 17.61)


def test_only_figures_and_budgets_are_written_down():
    (crash,) = predicted(crash_of_owner()).faults
    assert not any(name.startswith("client_") or name == "verdict_s" for name in crash.predicted)


def test_who_really_held_the_vip_decides():
    d = Drawn()
    d.vip(-5, "m3")  # not the strongest
    d.kill(3, "m3", "haproxy")
    d.heal(20, "m3")
    d.probes(0, 25)
    (fault,) = predicted(d).faults
    # m3 falls from 110 to 108, and m1 takes over: 3 s of detection and MDI of 112
    assert ends(fault.predicted["vip_migration_s"]) == (2.56, 6.56)


def test_what_is_still_broken_counts():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(2, "m2", "haproxy", index=0)
    d.kill(5, "m1", "haproxy", index=1)
    d.probes(0, 25)
    beside, owner = predicted(d, profile(of_node=priorities(110, 109, 107))).faults
    assert beside.predicted["vip_migration_s"] == "never"
    # m2 has lost its bonus too: the best left is m3's 109 against m1's 110
    assert owner.predicted["vip_migration_s"] == "never"
    assert owner.predicted["blackout_s"] == "until healed"


def test_who_has_the_address_and_no_keepalived_any_more_owns_nothing():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(2, "m1", "keepalived", index=0)
    d.vip(5, "m2")
    d.kill(9, "m2", "haproxy", index=1)
    d.probes(0, 25)
    killed, second = predicted(d).faults
    assert ends(killed.predicted["vip_migration_s"]) == (2.57, 3.57)
    assert "dual_master_s" not in killed.predicted
    assert ends(second.predicted["vip_migration_s"]) == (2.57, 6.57)  # from m2 to m3


def test_whose_address_stayed_behind_has_a_failback_once_its_keepalived_is_back():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(2, "m1", "keepalived", index=0)
    d.vip(5, "m2")
    d.heal(12, "m1")
    d.probes(0, 25)
    (killed,) = predicted(d).faults
    assert ends(killed.predicted["failback_s"]) == (3.56, 8.56)
    assert killed.predicted["recovery_s"].max > 8


def test_the_second_crash_is_predicted_without_the_first_node():
    d = crash_of_owner()
    d.vip(6, "m2")
    d.crash(10, "m2", index=1)
    d.vip(13, "m3")
    first, second = predicted(d).faults
    assert second.predicted["blackout_s"] == "until healed"
    assert ends(second.predicted["vip_migration_s"]) == (2.57, 3.57)
    assert "write_refusal_s" in second.predicted
    assert "write_refusal_s" not in first.predicted


def test_a_return_counts_from_power_on_only_where_the_history_tells_it():
    untold = predicted(crash_of_owner()).faults[0].predicted["failback_s"]
    d = crash_of_owner()
    d.event(20.1, "m1", AgentStart(boot_id="b", time_namespace=1, init_started_ns=19_500_000_000), "wire")
    told = predicted(d).faults[0].predicted["failback_s"]
    assert (untold.min, round(told.min, 2), told.max) == (0, 3.56, untold.max)


def test_a_link_that_holds_more_than_itself_is_not_compared():
    seen, unseen = crash_of_owner(), Drawn()
    unseen.events = [e for e in seen.events if not isinstance(e.data, VrrpState)]
    assert "assign_s" in predicted(seen).faults[0].predicted
    (crash,) = predicted(unseen).faults
    assert crash.detection_s is None
    assert "assign_s" not in crash.predicted


def test_a_fault_that_the_model_does_not_know_has_no_prediction():
    d = Drawn()
    d.vip(-5, "m1")
    d.kill(3, "m1", "rsyslogd")
    d.probes(0, 9)
    assert predicted(d).faults[0].predicted == {}


def test_without_one_owner_nothing_is_predicted():
    d = Drawn()
    d.vip(-5, "m1")
    d.vip(-5, "m2")
    d.crash(3, "m1")
    d.probes(0, 9)
    assert predicted(d).faults[0].predicted == {}


def test_of_an_owner_that_the_profile_has_no_keepalived_for_nothing_is_predicted():
    made = profile()
    alone = changed(made, {node: group for node, group in made.files.items() if node != "m1"})
    assert predicted(crash_of_owner(), alone).faults[0].predicted == {}


def test_the_drawn_nodes_are_the_profiles():
    assert set(BACKENDS.values()) == set(Chain(profile()).nodes)
