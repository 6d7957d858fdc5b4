import dataclasses
import math

import pytest

from harness import assets
from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing, of_effect
from harness.events import Effect
from harness.predict.advice import changes
from harness.predict.predict import predict
from harness.profile.folder import shipped
from harness.profile.machines import Role
from tests.predict.made import heirs, interval, predicted, profile, without_haproxy


def test_a_fault_is_known_by_its_name_and_process():
    assert of_effect(Effect(silent=True), "m1") == Failure(Kind.NODE_CRASH, "m1")
    assert of_effect(Effect(silent=True, resumes=True), "m1") == Failure(Kind.NODE_FREEZE, "m1")
    assert of_effect(Effect(silent=True, resumes=True, graceful=True), "m1") is None
    assert of_effect(Effect(gone=("haproxy",)), "m2") == Failure(Kind.PROXY_DEAD, "m2")
    assert of_effect(Effect(gone=("keepalived",), graceful=True), "m2") == Failure(Kind.KEEPALIVED_STOPPED, "m2")
    assert of_effect(Effect(hung=("kube-apiserver",)), "m2") == Failure(Kind.APISERVER_HUNG, "m2")
    assert of_effect(Effect(errs=("kube-apiserver",)), "m2") == Failure(Kind.APISERVER_ERRORS, "m2")
    assert of_effect(Effect(cut="vrrp"), "m1") == Failure(Kind.VRRP_CUT, "m1")
    assert of_effect(Effect(cut="vrrp", way="out"), "m1") is None
    assert of_effect(Effect(gone=("etcd",), graceful=True), "m1") is None
    assert of_effect(Effect(), "m1") is None
    assert of_effect(Effect(gone=("etcd", "haproxy")), "m1") is None


def test_every_failure_has_an_answer_on_every_profile():
    for name in (path.name for path in shipped(assets.PROFILES)):
        made = profile(name)
        for kind in Kind:
            for node in ("m1", "m2"):
                found = predicted(made, kind, node)
                assert found.measures["vip_migration_s"].why or found.depends
                assert found.measures["blackout_s"].bounds is not None or found.measures["blackout_s"].why


def test_a_frozen_owner_is_missed_like_a_dead_one():
    made = profile()
    frozen, dead = predicted(made, Kind.NODE_FREEZE), predicted(made, Kind.NODE_CRASH)
    assert frozen.move == dead.move
    assert frozen.evictions == dead.evictions
    for name in ("no_master_s", "write_gap_s", "client_fresh_s", "client_kept_s"):
        assert frozen.measures[name] == dead.measures[name]


def test_clients_are_dark_until_the_vip_moves_and_no_longer():
    for kind in (Kind.PROXY_DEAD, Kind.KEEPALIVED_STOPPED):
        found = predicted(profile(), kind)
        assert interval(found, "blackout_s") == interval(found, "vip_migration_s")
    assert interval(predicted(profile(), Kind.KEEPALIVED_KILLED), "blackout_s") == (0, 0)
    assert interval(predicted(profile(), Kind.APISERVER_DEAD), "blackout_s") == (0, 0)


def test_where_the_vip_moves_at_once_etcd_may_be_the_slower():
    """For two seconds apiservers that have lost it call themselves ready all the same."""
    assert interval(predicted(profile(), Kind.NODE_STOP), "blackout_s") == pytest.approx((0.566, 2.8), abs=0.001)
    assert interval(predicted(profile(), Kind.NODE_CRASH, node="m2"), "blackout_s") == pytest.approx((0, 2.8))
    fast = predicted(profile("kubeadm-fast"), Kind.NODE_CRASH)
    moved_s = interval(fast, "vip_migration_s")[0]
    assert interval(predicted(profile(), Kind.NODE_CRASH), "blackout_s") == pytest.approx((2.566, 4.8), abs=0.001)
    assert (
        interval(predicted(profile("kubeadm"), Kind.NODE_CRASH), "blackout_s")[1] > 8
    )  # the VIP itself may take longer
    assert interval(fast, "first_answer_s") == pytest.approx((0, 4.8 - moved_s), abs=0.001)


def test_checks_that_lose_patience_before_etcd_has_a_leader_take_out_every_apiserver():
    impatient = {"inter 1s fall 3": "inter 1s fastinter 300ms fall 2"}
    found = predicted(profile("kubeadm-fast", haproxy=impatient), Kind.NODE_CRASH)
    # Both are back one check under way (0.7 s), one pause of a server that is DOWN and one rise after the leader.
    assert interval(found, "blackout_s")[1] == pytest.approx(4.8 + 0.7 + 1 + 0.3)
    assert interval(found, "write_gap_s")[1] == pytest.approx(4.8 + 0.7 + 1 + 0.3)
    patient = predicted(profile("kubeadm-fast", haproxy={"inter 1s fall 3": "inter 1s fall 4"}), Kind.NODE_CRASH)
    assert (interval(patient, "blackout_s")[1], interval(patient, "write_gap_s")[1]) == pytest.approx((2.8, 4.8))


def test_equals_take_the_vip_at_once_and_clients_may_believe_the_wrong_one_until_it_is_announced_again():
    tied = predicted(profile("kubeadm"), Kind.NODE_CRASH)
    moved_s = interval(tied, "vip_migration_s")
    for name in ("blackout_s", "connect_blackout_s"):
        assert interval(tied, name) == pytest.approx((moved_s[0], moved_s[1] + 5))
        assert "equals" in tied.measures[name].why
    assert interval(tied, "first_answer_s") == interval(tied, "neighbour_s") == (0, 5)


def test_without_a_quorum_nothing_is_answered_until_healed_and_writes_are_refused():
    chain = Chain(profile())
    found = predict(chain, Failure(Kind.NODE_CRASH, "m2"), Standing("m2", ("m2", "m3")))
    assert found.measures["blackout_s"].lasts
    assert interval(found, "write_refusal_s") == (0, 2)
    assert "first_answer_s" not in found.measures
    assert "write_gap_s" not in found.measures
    assert not found.clients  # whether errors are answers is for load balancers' checks to say
    assert found.afterwards == Standing("m3", ("m3",), (found.failure,))


def test_five_nodes_bear_two_deaths():
    three = profile()
    more = {"m4": "198.18.0.14", "m5": "198.18.0.15"}
    nodes = three.facts.nodes | {n: type(three.facts.vip)(a) for n, a in more.items()}
    five = dataclasses.replace(
        three,
        facts=three.facts.model_copy(update={"nodes": nodes, "roles": {node: list(Role) for node in nodes}}),
        **{
            name: getattr(three, name) | {node: getattr(three, name)["m3"] for node in more}
            for name in ("files", "instances", "scripts", "servers")
        },
    )
    found = predict(Chain(five), Failure(Kind.NODE_CRASH, "m2"), Standing("m2", ("m2", "m3", "m4", "m5")))
    assert found.measures["blackout_s"].bounds is not None
    assert heirs(found) == ("m5", "m4", "m3")


def test_without_haproxy_there_is_nothing_to_evict():
    found = predicted(without_haproxy(), Kind.NODE_CRASH)
    assert found.evictions == {}
    assert interval(found, "vip_migration_s") == pytest.approx((2.566, 3.566), abs=0.001)


def test_a_vip_that_nobody_can_take_is_nobodys():
    found = predict(Chain(profile()), Failure(Kind.NODE_CRASH, "m3"), Standing("m3", ("m3",)))
    assert found.owner is None
    assert found.measures["vip_migration_s"].bounds is None


def test_lines_for_a_node_that_none_here_is_called_leave_all_open():
    of = profile(keepalived={r"^\s*priority (\d+)": "@main priority 110\n    @backup priority 90"})
    at = of.absent["m1"][0].where
    assert predicted(of, Kind.PROXY_DEAD).depends == (
        f"on whether keepalived is started with -i main ({at}): no node here is called so"
    )
    assert not profile(keepalived={r"^\s*priority (\d+)": "@m1 priority 110\n    @elsewhere priority 90"}).absent


@pytest.mark.parametrize("weight", ["weight 2", "weight -1"])
def test_where_an_included_file_is_not_here_all_depends_on_it(weight):
    of = profile(keepalived={r"^\s*weight .*": weight, r"^global_defs \{": "include conf.d/*.conf\nglobal_defs {"})
    found = predicted(of, Kind.PROXY_DEAD)
    assert found.depends == f"on what {of.absent['m1'][0].where} includes, which is not here"
    moves = weight == "weight 2"
    assert not moves or interval(found, "failback_s") == (0.0, math.inf)
    told = {change.measure for change in changes(of) if math.isinf(change.before_s)}
    assert not told & {"haproxy dies: the VIP moves", "haproxy hangs: the VIP moves"}


@pytest.mark.parametrize(
    ("calls", "told"),
    [
        ("/usr/bin/systemctl start haproxy", True),
        ("/usr/local/bin/nowhere.sh master", True),
        ("/usr/bin/logger is master now", False),
    ],
)
def test_what_a_notify_script_may_start_leaves_open_when_anybody_is_served(calls, told):
    of = profile(keepalived={r"^    virtual_router_id": f'    notify_master "{calls}"\n    virtual_router_id'})
    found = predicted(of, Kind.NODE_CRASH)
    dark = found.measures["blackout_s"]
    assert dark.bounds is not None and math.isinf(dark.bounds.max) is told
    assert interval(found, "vip_migration_s") == interval(predicted(profile(), Kind.NODE_CRASH), "vip_migration_s")
    assert not told or dark.depends.startswith(f"on what `{calls}` does as the VIP comes (")


def test_where_backups_may_have_stopped_what_their_checks_look_at_the_vip_may_stay():
    calls = '    notify_backup "/usr/bin/systemctl stop haproxy"\n    virtual_router_id'
    found = predicted(profile(keepalived={r"^    virtual_router_id": calls}), Kind.PROXY_DEAD)
    moves = found.measures["vip_migration_s"]
    assert (moves.otherwise, moves.bounds) == ("never", interval_of("vip_migration_s"))
    assert found.depends.startswith("on what `/usr/bin/systemctl stop haproxy` stops (")
    assert found.measures["failback_s"].open and all(one.open for one in found.clients.values())


def test_a_backups_script_that_only_tells_changes_no_prediction():
    calls = '    notify_backup "/usr/bin/logger is backup now"\n    virtual_router_id'
    found = predicted(profile(keepalived={r"^    virtual_router_id": calls}), Kind.PROXY_DEAD)
    assert not found.depends and found.measures["vip_migration_s"].bounds == interval_of("vip_migration_s")
    assert not found.measures["failback_s"].open


def interval_of(measure):
    return predicted(profile(), Kind.PROXY_DEAD).measures[measure].bounds


def test_what_bfd_finds_leaves_all_open():
    of = profile(keepalived={r"^    track_script": "    track_bfd {\n        b1 weight -50\n    }\n    track_script"})
    found = predicted(of, Kind.NODE_CRASH)
    assert found.depends == f"on what BFD finds ({of.absent['m1'][0].where}), which is not followed"


@pytest.mark.parametrize(
    ("m1", "others"),
    [
        ("224.0.0.19", "224.0.0.18"),
        ("unicast peers", "224.0.0.18"),
    ],
)
def test_who_speaks_to_others_is_not_heard(m1, others):
    said = {r"^    advert_int": "    unicast_peer {\n        192.168.3.2\n    }\n    advert_int"}
    if m1 != "unicast peers":
        said = {r"^    advert_int": f"    mcast_dst_ip {m1}\n    advert_int"}
    found = predicted(profile(of_node={"m1": said}), Kind.NODE_CRASH)
    assert f"m1 speaks to {m1}, m2 to {others}" in found.depends
