from dataclasses import dataclass

import pytest

from harness import catalogue
from harness.faults.node import NodeCrash
from harness.faults.process import ProcessKill
from harness.model.timers import Timers
from harness.model.walk import walk
from harness.select import NotVipOwner, VipOwner
from harness.steps import Heal, Hold, Inject
from tests.model.made import interval, profile


def walked(name, made=None):
    timers = Timers(made or profile())
    return walk(timers.router, catalogue.find(name).steps(timers))


@pytest.mark.parametrize(
    ("name", "hit", "owners"),
    [
        ("kill-apiserver", ["m2"], ["m1"]),
        ("kill-haproxy", ["m1"], ["m2"]),
        ("kill-node", ["m1"], ["m2"]),
        ("kill-two-masters", ["m1", "m2"], ["m2", "m3"]),
    ],
)
def test_selectors_pick_from_what_is_foreseen(name, hit, owners):
    found = walked(name)
    assert [one.node for one in found] == hit
    assert [one.foresight.owner for one in found] == owners


def test_the_second_fault_is_predicted_from_what_the_first_has_left():
    _, second = walked("kill-two-masters")
    assert second.foresight.standing.alive == ("m2", "m3")
    assert interval(second.foresight, "vip_migration_s")[1] == pytest.approx(3.570, abs=1e-3)
    assert second.foresight.measures["blackout_s"].lasts


def test_a_vip_that_never_moved_is_still_hit_where_it_is():
    steps = [Inject(ProcessKill("haproxy", VipOwner())), Hold(9), Heal(), Inject(NodeCrash(VipOwner()))]
    found = walk(Timers(profile("article-priority-99")).router, steps)
    assert [one.node for one in found] == ["m1", "m1"]
    assert found[1].foresight.standing.broken == ()


def test_failback_is_foreseen_from_how_things_stand_at_healing():
    first, second = walked("kill-two-masters")
    assert "failback_s" in first.foresight.measures
    assert interval(second.foresight, "failback_s")[0] == pytest.approx(3.566, abs=1e-3)


@dataclass(frozen=True)
class Unheard:
    on: NotVipOwner

    def inject(self, target, index): ...
    def heal(self, target, index): ...


def test_a_fault_that_the_model_does_not_know_is_named_and_changes_nothing():
    found = walk(Timers(profile()).router, [Inject(Unheard(NotVipOwner())), Inject(NodeCrash(VipOwner()))])
    assert [(one.fault, one.node, one.foresight is None) for one in found] == [
        ("Unheard", "m2", True),
        ("NodeCrash", "m1", False),
    ]
