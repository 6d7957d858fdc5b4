"""Cases that turn on what keepalived tracks and on what it lets through; README.md here has what is right of each."""

from pathlib import Path

import pytest

from harness.chain.compile import of as compiled
from harness.chain.failure import Kind
from harness.faults.process import ProcessKill
from harness.lint.examine import examine
from harness.lint.reading import read
from harness.lint.rule import Severity
from harness.predict.migration import Migration, Stays
from harness.profile.folder import load
from harness.select import VipOwner
from harness.simulate.measures import Key
from harness.simulate.simulate import simulate
from harness.steps import Hold, Inject, Step
from tests.predict.made import interval, predicted

CASES = Path(__file__).parent
STRICT = ("f23-vrrp-strict", "r02b-vrrp_strict-no-zero")


def dead_proxy(case):
    return predicted(load(CASES / case), Kind.PROXY_DEAD)


def errors(case):
    return {f.code for f in examine(read([CASES / case])) if f.severity is Severity.ERROR}


def played(case, hold_s=12.0):
    steps: list[Step] = [Inject(ProcessKill("haproxy", on=VipOwner())), Hold(hold_s)]
    return simulate(compiled(load(CASES / case)), steps, 200, seed=1, processes=1)


def within(samples, name, low, high):
    values = samples.values[Key(0, name)]
    return low <= min(values) and max(values) <= high + 0.05


@pytest.mark.parametrize("case", STRICT)
def test_a_strict_vip_moves_and_serves_nobody(case):
    found = dead_proxy(case)
    assert isinstance(found.move, Migration)
    assert "vrrp_strict has keepalived drop what is sent to it" in found.unserved
    assert all(found.measures[name].lasts for name in ("blackout_s", "connect_blackout_s", "healing_blackout_s"))
    assert not {"first_answer_s", "client_fresh_s", "watch_stall_s"} & found.measures.keys()
    assert errors(case) == {"K24"}
    samples = played(case)
    assert within(samples, "vip_migration_s", *interval(found, "vip_migration_s"))
    assert set(samples.values[Key(0, "blackout_s")]) == {float("inf")}


def test_nopreempt_keeps_a_lowered_owner():
    found = dead_proxy("r01-keepalived-2483-nopreempt")
    assert isinstance(found.move, Stays) and found.move.wrong and "nopreempt" in found.move.why
    assert errors("r01-keepalived-2483-nopreempt") == {"K02"}
    assert not played("r01-keepalived-2483-nopreempt").moved


@pytest.mark.parametrize(("case", "low", "high"), [("r01b-nonop", 2.59, 5.59), ("r01b-weight0", 0.59, 2.59)])
def test_without_it_or_with_a_fault_in_its_place_the_vip_moves(case, low, high):
    assert interval(dead_proxy(case), "vip_migration_s") == pytest.approx((low, high), abs=0.005)
    assert within(played(case), "vip_migration_s", low, high)
    assert not errors(case)


@pytest.mark.parametrize(
    ("case", "low", "high", "why"),
    [
        ("f06-track-process", 2.582, 3.592, "m1 then advertises 89, and m2 has 107"),
        ("r19-keepalived-2599-track_process", 0.0195, 0.0296, "track_process chk_haproxy has weight 0"),
    ],
)
def test_keepalived_hears_of_a_process_exit_at_once(case, low, high, why):
    found = dead_proxy(case)
    assert why in found.move.why and not found.depends
    assert interval(found, "vip_migration_s") == pytest.approx((low, high), abs=0.001)
    assert within(played(case), "vip_migration_s", low, high)
    hung = predicted(load(CASES / case), Kind.PROXY_HUNG)
    assert isinstance(hung.move, Stays) and "looks whether a process named haproxy exists" in hung.move.why
    assert not errors(case)


def test_who_kills_keepalived_leaves_two_owners_and_nothing_for_lint():
    found = predicted(load(CASES / "r08-keepalived-2361-sigkill"), Kind.KEEPALIVED_KILLED)
    assert isinstance(found.move, Migration) and "two owners" in found.move.why
    assert "dual_master_s" not in found.measures
    assert not errors("r08-keepalived-2361-sigkill")
