import dataclasses

import pytest

from harness import assets, catalogue
from harness.agent.deeds import process
from harness.agent.deeds.deed import Deed, Done
from harness.contracts import Selector, Target
from harness.errors import UsageError
from harness.events import Effect
from harness.faults.node import NodeCrash
from harness.faults.process import ProcessKill
from harness.profile.folder import find, load
from harness.simulate import simulate as simulating
from harness.simulate.measures import NEVER, Key
from harness.simulate.simulate import played, simulate
from harness.steps import Await, Condition, Heal, Hold, Inject, Step
from tests.simulate.chains import EXACT, OTHER, OWNER, UNKNOWN, Signal, chain, struck, values

THREE = chain(110, 109, 108)
CRASH = Inject(NodeCrash(OWNER))
STEPS: list[Step] = [CRASH, Await(Condition.VIP_MOVED, 6), Hold(2), Heal(), Await(Condition.STEADY, 20)]


def plain(samples):
    return {key: list(column) for key, column in samples.values.items()}


@pytest.fixture
def blocks_of_50(monkeypatch):
    monkeypatch.setattr(simulating, "BLOCK", 50)


def test_a_seed_gives_the_same_trials_on_any_number_of_processes(blocks_of_50):
    alone = simulate(THREE, STEPS, 120, seed=5, processes=1)
    together = simulate(THREE, STEPS, 120, seed=5, processes=3)
    assert plain(alone) == plain(together)
    assert (alone.struck, alone.moved, alone.faults) == (together.struck, together.moved, together.faults)
    assert plain(simulate(THREE, STEPS, 120, seed=6, processes=1)) != plain(alone)


def test_more_trials_go_on_where_fewer_ended():
    few = simulate(THREE, STEPS, 10, seed=5, processes=1)
    more = simulate(THREE, STEPS, 30, seed=5, processes=1)
    assert plain(more)[Key(0, "vip_migration_s")][:10] == plain(few)[Key(0, "vip_migration_s")]


def test_progress_is_told(blocks_of_50):
    told: list[int] = []
    simulate(THREE, STEPS, 120, seed=5, processes=2, progress=told.append)
    assert told == [50, 100, 120]


@pytest.mark.parametrize("profile", ["article", "article-priority-99", "kubeadm"])
@pytest.mark.parametrize("name", sorted(set(catalogue.names()) - UNKNOWN))
def test_every_scenario_is_simulated_on_every_profile(name, profile):
    found = played(catalogue.find(name), load(find(profile, assets.PROFILES)), 20, seed=1)
    assert found.trials == 20
    assert not found.broken_off
    rate = found.distribution(Key(None, "error_rate"))
    assert rate.most < 1
    # kubeadm's haproxy takes a request that was refused to another backend at once; an address that stays serves on.
    harmless = name in ("kill-keepalived", "split-brain", "one-way-vrrp", "reload-haproxy", "reload-broken-haproxy")
    retried = profile == "kubeadm" and name in ("kill-apiserver", "flapping-apiserver")
    assert (rate.least == 0) is (retried or harmless)


def test_backups_at_99_never_take_over_from_a_dead_haproxy():
    weak = load(find("article-priority-99", assets.PROFILES))
    found = played(catalogue.find("kill-haproxy"), weak, 300, seed=1)
    assert found.vip_migration_s() == [NEVER] * 300
    assert 0 not in found.moved
    assert played(catalogue.find("kill-node"), weak, 300, seed=1).vip_migration_s()[-1] < 3.7


@dataclasses.dataclass(frozen=True)
class DelayPackets:
    """A deed that nobody else knows."""

    interface: str

    def do(self) -> Done:
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Odd:
    """A fault of a scenario's own, which no module defines by name; `deed` is what it does."""

    deed: Deed
    on: Selector = OWNER
    effect = Effect()

    def inject(self, target: Target) -> None:
        target.act(self.deed)

    def heal(self, target: Target) -> None:
        pass


def test_a_fault_of_known_deeds_is_simulated_whoever_defines_it():
    class Local(Odd):
        pass

    found = simulate(THREE, [Inject(Local(process.Signal("keepalived", "TERM"))), Hold(3)], 1500, 1, processes=2)
    assert found.faults == {0: "Local"}
    assert found.vip_migration_s()[-1] < 0.7


@pytest.mark.parametrize(
    ("deed", "message"),
    [
        (
            DelayPackets("eth0"),
            r"does not know what DelayPackets\(interface='eth0'\) means for m1: it cannot be",
        ),
        (
            process.Signal("nginx", "KILL"),
            "does not know a process 'nginx' on m1, only etcd, kube-apiserver, haproxy, keepalived",
        ),
    ],
)
@pytest.mark.parametrize("processes", [1, 2])
def test_a_deed_that_the_model_does_not_know_is_said(deed, message, processes):
    with pytest.raises(UsageError, match=message):
        simulate(THREE, [Inject(Odd(deed)), Hold(3)], 1500, 1, processes=processes)


@dataclasses.dataclass(frozen=True)
class Strange(Odd):
    """A fault of deeds that only a plugin knows; what it means for the chain it says."""

    deed: Deed = DelayPackets("eth0")
    effect: Effect = Effect()  # noqa: RUF009 - frozen

    def heal(self, target: Target) -> None:
        target.act(self.deed)


@pytest.mark.parametrize(
    ("effect", "known"),
    [
        (Effect(silent=True), NodeCrash(OWNER)),
        (Effect(gone=("haproxy",)), Signal("haproxy", "KILL")),
        (Effect(gone=("keepalived",), graceful=True), Signal("keepalived", "TERM")),
        (Effect(hung=("kube-apiserver",)), Signal("kube-apiserver", "STOP")),
    ],
)
def test_a_deed_that_the_model_does_not_know_does_what_its_fault_says_and_undoes_it(effect, known):
    def played(fault):
        return simulate(THREE, [Inject(fault), Hold(8), Heal(), Hold(60)], 60, 1, assumed=EXACT, processes=1)

    found, alike = played(Strange(effect=effect)), played(known)
    assert (found.by_effect, alike.by_effect) == ({"DelayPackets"}, set())
    assert found.values == alike.values


def test_a_node_that_is_shut_down_gracefully_by_an_unknown_deed_says_so_with_priority_0():
    found = struck(THREE, Strange(effect=Effect(silent=True, graceful=True)), 3)
    assert found.vip_migration_s()[-1] < 0.7
    assert struck(THREE, Strange(effect=Effect(silent=True)), 5).vip_migration_s()[0] > 2


def test_a_trial_breaks_off_where_no_node_fits():
    @dataclasses.dataclass(frozen=True)
    class Nobody:
        def pick(self, situation):
            return None

    found = simulate(THREE, [Hold(1), Inject(NodeCrash(Nobody())), Hold(50)], 10, 1, processes=1)
    assert found.broken_off == 10
    assert not found.faults


def test_selectors_pick_from_the_situation_as_in_a_lab():
    assert struck(THREE, ProcessKill("kube-apiserver", OTHER), 1, 20).struck[0] == {"m2": 20}
    assert struck(THREE, ProcessKill("kube-apiserver", OWNER), 1, 20).struck[0] == {"m1": 20}
    after = struck(THREE, NodeCrash(OWNER), 6, 20, then=[Inject(NodeCrash(OTHER))])
    assert after.struck[1] == {"m3": 20}


def test_a_fault_meets_every_phase_also_the_second():
    steps: list[Step] = [CRASH, Await(Condition.VIP_MOVED, 6), Hold(3), CRASH, Hold(5)]
    found = simulate(chain(112, 111, 110, 109, 108), steps, 600, 1, assumed=EXACT, processes=1)
    second = values(found, "vip_migration_s", fault=1)
    width = second[-1] - second[0]
    assert width == pytest.approx(1, abs=0.02)
    assert sum(second) / 600 - second[0] == pytest.approx(0.5, abs=0.05)


def test_five_nodes_bear_two_deaths():
    steps: list[Step] = [CRASH, Hold(8), CRASH, Hold(20)]
    five = simulate(chain(112, 111, 110, 109, 108), steps, 200, 1, processes=1)
    three = simulate(THREE, steps, 200, 1, processes=1)
    assert values(five, "blackout_s", fault=1)[-1] < 6
    assert values(three, "blackout_s", fault=1) == [NEVER] * 200  # no quorum, and nobody is healed


def test_a_straight_vip_leads_to_the_owners_apiserver():
    straight = chain(110, 109, 108, balancer=None)
    found = struck(straight, ProcessKill("kube-apiserver", OWNER), 10, 50)
    assert values(found, "blackout_s") == [NEVER] * 50  # its script looks for haproxy, of which nothing is known
    assert Key(0, "eviction_s", "m2", "s1") not in found.values
    with pytest.raises(UsageError, match="only etcd, kube-apiserver, keepalived"):
        struck(straight, Signal("haproxy", "KILL"), 1, 1)
