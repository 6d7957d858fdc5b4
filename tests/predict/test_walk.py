from dataclasses import dataclass

import pytest

from harness import catalogue
from harness.events import Effect
from harness.faults.node import NodeCrash
from harness.faults.process import ProcessKill
from harness.predict.timers import Timers
from harness.predict.walk import walk
from harness.select import NotVipOwner, VipOwner
from harness.steps import Heal, Hold, Inject
from tests.predict.made import interval, profile


def walked(name, made=None):
    timers = Timers(made or profile())
    return walk(timers.chain, catalogue.find(name).steps(timers))


@pytest.mark.parametrize(
    ("name", "hit", "owners"),
    [
        ("kill-apiserver", ["m2"], ["m1"]),
        ("kill-haproxy", ["m1"], ["m2"]),
        ("kill-node", ["m1"], ["m2"]),
        ("kill-two-masters", ["m1", "m2"], ["m2", "m3"]),
    ],
)
def test_selectors_pick_from_what_is_predicted(name, hit, owners):
    found = walked(name)
    assert [one.node for one in found] == hit
    assert [one.prediction.owner for one in found] == owners


def test_the_second_fault_is_predicted_from_what_the_first_has_left():
    _, second = walked("kill-two-masters")
    assert second.prediction.standing.alive == ("m2", "m3")
    assert interval(second.prediction, "vip_migration_s")[1] == pytest.approx(3.570, abs=1e-3)
    assert second.prediction.measures["blackout_s"].lasts


def test_a_vip_that_never_moved_is_still_hit_where_it_is():
    steps = [Inject(ProcessKill("haproxy", VipOwner())), Hold(9), Heal(), Inject(NodeCrash(VipOwner()))]
    found = walk(Timers(profile("article-priority-99")).chain, steps)
    assert [one.node for one in found] == ["m1", "m1"]
    assert found[1].prediction is not None and found[1].prediction.standing.broken == ()


def test_failback_is_predicted_from_how_things_stand_at_healing():
    first, second = walked("kill-two-masters")
    assert "failback_s" in first.prediction.measures
    assert interval(second.prediction, "failback_s")[0] == pytest.approx(3.566, abs=1e-3)


@dataclass(frozen=True)
class Unheard:
    on: NotVipOwner

    effect = Effect()

    def inject(self, target): ...
    def heal(self, target): ...


def test_a_fault_that_the_model_does_not_know_is_named_and_what_comes_beside_it_is_not_known_either():
    found = walk(Timers(profile()).chain, [Inject(Unheard(NotVipOwner())), Inject(NodeCrash(VipOwner()))])
    assert [(one.fault, one.node, one.prediction is None) for one in found] == [
        ("Unheard", "m2", True),
        ("NodeCrash", "m1", True),
    ]
    assert [one.beside for one in found] == ["", "Unheard"]


def test_once_healed_all_is_known_again():
    steps = [Inject(Unheard(NotVipOwner())), Heal(), Inject(NodeCrash(VipOwner()))]
    assert [one.prediction is None for one in walk(Timers(profile()).chain, steps)] == [True, False]
