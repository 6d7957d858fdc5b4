"""Two load balancers before three masters: what fails where, and what that costs."""

import dataclasses

import pytest

from harness import assets, catalogue
from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.chain.rest import at_rest
from harness.predict import predictions
from harness.predict.predict import predict
from harness.predict.race import races
from harness.predict.timers import Timers
from harness.predict.walk import walk
from harness.profile.folder import changed, load
from tests.predict.made import ends, interval, profile

APART = load(assets.PROFILES / "two-load-balancers")
ROUTER = Chain(APART)
ASKS = '"/usr/bin/curl -sfk --max-time 1 https://localhost:6443/readyz"'


def found(kind: Kind, node: str, *gone: str, chain: Chain = ROUTER):
    rest = at_rest(chain)
    standing = Standing(rest.owner, tuple(n for n in rest.alive if n not in gone))
    return predict(chain, chain.fails(kind, node), standing)


def test_an_owner_that_is_no_master_takes_no_backend_and_no_leader_with_it():
    crash = found(Kind.NODE_CRASH, "lb1")
    assert crash.evictions == {} and "write_gap_s" not in crash.measures
    assert interval(crash, "blackout_s") == interval(crash, "vip_migration_s")
    assert crash.owner == "lb2"


def test_a_master_is_evicted_by_both_load_balancers_and_the_vip_stays():
    crash = found(Kind.NODE_CRASH, "cp2")
    assert set(crash.evictions) == {("lb1", "cp2"), ("lb2", "cp2")}
    assert "write_gap_s" in crash.measures and crash.measures["blackout_s"].bounds is not None
    assert crash.owner == "lb1"
    assert crash.evictions["lb1", "cp2"]["misrouted_s"].why.startswith("up to 38 % of all connections")


def test_etcd_counts_the_masters_alone():
    """Two of five machines are gone and three members run; then two of three members are, though three machines run."""
    assert found(Kind.NODE_CRASH, "lb1", "cp3").measures["blackout_s"].bounds is not None
    lost = found(Kind.NODE_CRASH, "cp2", "cp3").measures["blackout_s"]
    assert lost.lasts and lost.why.startswith("1 of etcd's 3 members is left, no majority")


def test_two_load_balancers_are_two_and_then_nobody_has_the_vip():
    last = predict(ROUTER, Failure(Kind.NODE_CRASH, "lb2"), Standing("lb2", ("lb2", "cp1", "cp2", "cp3")))
    assert last.measures["blackout_s"].lasts
    # Both are on again: haproxy's start, a check that failed once, and the whole of the master-down time.
    assert ends(last.measures["healing_blackout_s"])[1] == pytest.approx(2 + 2 * 2 + 3 + 156 / 256, abs=1e-2)
    assert ends(last.measures["recovery_s"])[1] >= ends(last.measures["healing_blackout_s"])[1]


def test_a_check_that_asks_for_readiness_fails_on_every_load_balancer_without_a_quorum():
    files = {
        node: [dataclasses.replace(f, text=f.text.replace('"/usr/bin/killall -0 haproxy"', ASKS)) for f in group]
        for node, group in APART.files.items()
    }
    chain = Chain(changed(APART, files))
    lost = found(Kind.NODE_CRASH, "cp2", "cp3", chain=chain)
    assert "it still advertises 90, and the best of the others, lb2, has 80" in lost.move.why
    assert "cp2 does not hold it" in found(Kind.NODE_CRASH, "cp2", "cp3").move.why


@pytest.mark.parametrize(
    ("name", "hit", "owners"),
    [
        ("kill-apiserver", ["cp1"], ["lb1"]),
        ("kill-haproxy", ["lb1"], ["lb2"]),
        ("kill-node", ["lb1"], ["lb2"]),
        ("kill-two-masters", ["cp1", "cp2"], ["lb1", "lb1"]),
    ],
)
def test_scenarios_hit_what_has_the_role(name, hit, owners):
    timers = Timers(APART)
    faults = walk(timers.chain, catalogue.find(name).steps(timers))
    assert [one.node for one in faults] == hit
    assert [one.prediction.owner for one in faults if one.prediction] == owners


def test_other_failures_and_changes_are_asked_of_who_can_have_them():
    whole = predictions.of(APART, {})
    nodes = {one.failure.kind: one.failure.node for one in whole.others}
    assert (nodes[Kind.APISERVER_DEAD], nodes[Kind.ETCD_DEAD], nodes[Kind.NODE_STOP]) == ("cp1", "cp1", "lb1")
    silent = next(one for one in whole.changes if one.measure == "a backend is silent: it is out")
    assert silent.before_s == pytest.approx(12.0)


def test_a_stacked_chain_is_asked_of_its_owner():
    nodes = {one.failure.node for one in predictions.of(profile(), {}).others}
    assert nodes == {"m1"}


def test_two_masters_bear_no_death():
    """As a case has it: nothing that needs etcd is answered once either is gone."""
    two = profile(haproxy={r"^ *server master2 .*\n": ""})
    assert two.facts.masters == ["m1", "m2"]
    lost = predict(Chain(two), Failure(Kind.NODE_CRASH, "m2"), at_rest(Chain(two))).measures["blackout_s"]
    assert lost.lasts and lost.why.startswith("1 of etcd's 2 members is left, no majority")


def test_a_load_balancer_that_dies_leads_no_etcd_that_a_check_could_wait_for():
    files = {
        node: [dataclasses.replace(f, text=f.text.replace('"/usr/bin/killall -0 haproxy"', ASKS)) for f in group]
        for node, group in APART.files.items()
    }
    chain = Chain(changed(APART, files))
    assert found(Kind.NODE_CRASH, "lb1", chain=chain).depends == ""
    assert races(chain, Failure(Kind.NODE_CRASH, "lb1"), at_rest(chain), "lb2") == []
    assert [race.members for race in races(chain, Failure(Kind.NODE_CRASH, "cp1"), at_rest(chain), "lb2")] == [3]
