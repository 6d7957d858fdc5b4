"""Two load balancers before three masters, played."""

from dataclasses import replace
from random import Random

import pytest

from harness import assets, catalogue
from harness.chain import compile as chains
from harness.profile.folder import load
from harness.simulate.assumed import QUIET_LAB
from harness.simulate.measures import NEVER, Key
from harness.simulate.record import Answer
from harness.simulate.simulate import played
from harness.simulate.world import World
from tests.simulate.chains import UNKNOWN

APART = load(assets.PROFILES / "two-load-balancers")
CHAIN = chains.of(APART)


def test_the_chain_has_masters_without_a_keepalived():
    assert (CHAIN.names, CHAIN.dedicated) == (("lb1", "lb2", "cp1", "cp2", "cp3"), ("cp1", "cp2", "cp3"))
    balancer = CHAIN.nodes[0].balancer
    assert balancer is not None and [server.node for server in balancer.servers] == [2, 3, 4]
    assert [node.master for node in CHAIN.nodes] == [False, False]


def test_each_machine_runs_what_its_role_has():
    world = World(CHAIN, QUIET_LAB, Random(1))
    assert [m.processes for m in world.machines] == [["haproxy", "keepalived"]] * 2 + [["etcd", "kube-apiserver"]] * 3
    assert world.steady and (world.lbs, world.masters) == (["lb1", "lb2"], ["cp1", "cp2", "cp3"])
    assert world.answers == [Answer.REFUSES] * 2 + [Answer.SERVES] * 3
    assert not world.machines[0].runs("kube-apiserver")


def test_load_balancers_that_are_gone_cost_no_quorum_and_two_masters_do():
    world = World(CHAIN, QUIET_LAB, Random(1))
    for place in (0, 1):
        world.machines[place].cut_off()
    assert world.answers[2:] == [Answer.SERVES] * 3
    for place in (2, 3):
        world.machines[place].cut_off()
    assert world.answers[4:] == [Answer.WAITS_UNTOLD]
    world.kernel.run(3.1)
    assert world.answers[4:] == [Answer.WAITS]


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("name", sorted(set(catalogue.names()) - UNKNOWN))
def test_every_scenario_is_played(name, together):
    found = played(catalogue.find(name), APART, 40, seed=1, assumed=replace(QUIET_LAB, together=together))
    assert found.trials == 40 and not found.broken_off
    never = {key.name for key in found.values if max(found.values[key]) == NEVER}
    # Its check looks for the process alone, which is there: the VIP stays, and who is dark is so until it is healed.
    stays = {"hang-haproxy": {"vip_migration_s", "blackout_s"}, "reload-haproxy": {"vip_migration_s"}}
    stays |= {"reload-broken-haproxy": {"vip_migration_s"}, "flapping-apiserver": {"eviction_s"}}
    assert never <= stays.get(name, set())


def test_an_owner_without_an_apiserver_owes_no_eviction():
    found = played(catalogue.find("kill-node"), APART, 20, seed=1)
    assert not [key for key in found.values if key.name == "eviction_s"]
    assert Key(0, "vip_migration_s") in found.values
    found = played(catalogue.find("kill-two-masters"), APART, 20, seed=1)
    assert {key.backend for key in found.values if key.name == "eviction_s"} == {"cp1", "cp2"}
