"""predict, simulate and lint are of one mind, whatever the configuration."""

import math
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, assume, given, settings

from harness.chain.chain import Chain
from harness.chain.compile import of as compiled
from harness.chain.failure import Kind
from harness.chain.rest import at_rest, equals, held_back, home, owned
from harness.contracts import Fault, Selector
from harness.faults.network import Partition
from harness.faults.node import NodeCrash, NodeStop
from harness.faults.process import ProcessKill, ProcessStop
from harness.lint.examine import examine
from harness.lint.reading import of_profile
from harness.lint.rule import Severity, rules
from harness.predict.migration import Migration, Stays
from harness.predict.predict import predict
from harness.predict.prediction import Prediction
from harness.predict.timers import EARLY_S, SLACK_S
from harness.select import NotVipOwner, VipOwner
from harness.simulate.measures import Key
from harness.simulate.samples import Samples
from harness.simulate.simulate import simulate
from harness.steps import Heal, Hold, Inject, Step
from harness.verdict import Shown, Symptom
from tests.predict.generated import Drawn, drawn

TRIALS, MANY = 20, 10_000
MADE: dict[Kind, Callable[[Selector], Fault]] = {
    Kind.NODE_CRASH: NodeCrash,
    Kind.NODE_STOP: NodeStop,
    Kind.KEEPALIVED_KILLED: partial(ProcessKill, "keepalived"),
    Kind.KEEPALIVED_STOPPED: partial(ProcessStop, "keepalived"),
    Kind.VRRP_CUT: partial(Partition, traffic="vrrp"),
}
# Each is a simulation; HYPOTHESIS_PROFILE=thorough tries twenty times as many.
EXAMPLES = settings().max_examples // 4
LONG_S = 60.0  # beyond every bound that these configurations have


def fault(kind: Kind, on: Selector) -> Fault:
    if kind in MADE:
        return MADE[kind](on)
    return ProcessKill("haproxy" if kind is Kind.PROXY_DEAD else "kube-apiserver", on=on)


def somebody_has_it(of: Drawn) -> bool:
    """Say whether anybody ever has the VIP; where nobody does, nothing is simulated."""
    return held_back(Chain(of.profile)) is None


def may_stay(found: Prediction) -> bool:
    """Say whether a prediction allows for a VIP that never moves."""
    moves = found.measures["vip_migration_s"]
    return isinstance(found.move, Stays) or moves.open or moves.bounds is None or moves.otherwise is not None


def both(of: Drawn, kind: Kind, beside: bool, trials: int = TRIALS) -> tuple[list[Prediction], Samples]:
    """Return what is predicted for each who may have the VIP and may be struck, and what is simulated."""
    assume(somebody_has_it(of))
    profile = of.profile
    chain = Chain(profile)
    owners = equals(chain)
    # Of a bystander's failure the first is asked, so there may be no doubt about who is none.
    assume(not beside or len(owners) == 1)
    nodes = [next(n for n in chain.nodes if n not in owners)] if beside else owners
    found = [predict(chain, chain.fails(kind, node), owned(chain, owners[0] if beside else node)) for node in nodes]
    selector = NotVipOwner() if beside else VipOwner()
    played = simulate(compiled(profile), [Inject(fault(kind, selector)), Hold(LONG_S)], trials, seed=1, processes=1)
    assert sum(played.struck[0].values()) == trials
    assert set(played.struck[0]) <= set(nodes)
    return found, played


CASES = [(k, beside) for k in (Kind.PROXY_DEAD, Kind.NODE_CRASH, Kind.APISERVER_DEAD) for beside in (False, True)]
CASES += [(kind, False) for kind in MADE if kind is not Kind.NODE_CRASH]


@pytest.mark.parametrize(("kind", "beside"), CASES)
@settings(max_examples=EXAMPLES)
@given(of=drawn())
def test_what_is_predicted_holds_what_is_simulated(kind, beside, of):
    found, played = both(of, kind, beside)
    if all(one.unserved and not one.depends for one in found):
        assert set(played.values[Key(0, "blackout_s")]) == {math.inf}, found[0].unserved
    moved = dict(played.moved.get(0, {}))
    moves = [one.move for one in found if isinstance(one.move, Migration)]
    if not moves:
        assert not moved, found[0].move.why
        return
    if len(moves) == len(found) and not any(one.depends for one in found):
        assert sum(moved.values()) == TRIALS, found[0].move.why
        assert set(moved) <= {heir for move in moves for heir in move.heirs}
    if sum(moved.values()) < TRIALS:
        assert any(may_stay(one) for one in found), [(one.move.why, one.depends) for one in found]
    bounds = [within for one in found if (within := one.measures["vip_migration_s"].bounds)]
    for value in played.values.get(Key(0, "vip_migration_s"), []):
        if not math.isinf(value):
            inside = [one.min - EARLY_S <= value <= one.max + SLACK_S for one in bounds]
            assert any(inside), [(one.move.why, one.depends) for one in found]


@pytest.mark.parametrize("kind", [Kind.PROXY_DEAD, Kind.NODE_CRASH])
@settings(max_examples=EXAMPLES // 2, suppress_health_check=[HealthCheck.filter_too_much])
@given(of=drawn())
def test_what_is_predicted_of_failback_holds_what_is_simulated(kind, of):
    # A dead backend that nothing evicts may have any check through a proxy fail, at any time.
    assume(somebody_has_it(of) and of.server)
    profile = of.profile
    chain = Chain(profile)
    assume(len(equals(chain)) == 1)  # who was first keeps it: nothing says who that was
    found = predict(chain, chain.fails(kind, home(chain)), at_rest(chain))
    assume(isinstance(found.move, Migration) and not found.depends and "failback_s" in found.measures)
    steps: list[Step] = [Inject(fault(kind, VipOwner())), Hold(LONG_S), Heal(), Hold(LONG_S)]
    played = simulate(compiled(profile), steps, TRIALS, seed=1, processes=1)
    back = found.measures["failback_s"]
    for value in played.values.get(Key(0, "failback_s"), []):
        if back.bounds is None:
            assert math.isinf(value), back.why
        else:
            assert back.bounds.min - EARLY_S <= value <= back.bounds.max + SLACK_S, back.why


@settings(max_examples=EXAMPLES // 8, suppress_health_check=[HealthCheck.filter_too_much])
@given(of=drawn())
def test_never_is_none_of_ten_thousand(of):
    assume(isinstance(of.losing_its_proxy.move, Stays))
    found, played = both(of, Kind.PROXY_DEAD, False, MANY)
    assume(not any(isinstance(one.move, Migration) for one in found))
    assert sum(played.moved.get(0, {}).values()) == 0, found[0].move.why


@settings(max_examples=EXAMPLES)
@given(of=drawn())
def test_an_error_of_lint_on_a_missing_failover_and_never_go_together(of):
    profile, found = of.profile, of.losing_its_proxy
    shown = [Shown(symptom, found.failure.node, "haproxy") for symptom in (Symptom.VIP_OUTBID, Symptom.VIP_UNNOTICED)]
    setup = of_profile(profile)
    accounts = [p.accounts_for for rule in rules() for p in rule.problems(setup) if p.severity is Severity.ERROR]
    told = any(account.covers(one) for account in accounts if account for one in shown)
    move = found.move
    never = isinstance(move, Stays) and move.wrong
    # What is wrong with a check is wrong with it where a tracked process or file moves the VIP all the same.
    assert told is never or (told and (of.process or of.watched_file)), (move.why, [f.message for f in examine(setup)])
