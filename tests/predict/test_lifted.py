import math

from harness.chain.chain import Chain
from harness.chain.compile import of as compiled
from harness.chain.failure import Kind
from harness.chain.rest import advertised, at_rest
from harness.faults.process import ProcessKill
from harness.predict.migration import Migration, Stays
from harness.predict.predict import predict
from harness.select import NotVipOwner
from harness.simulate.measures import Key
from harness.simulate.simulate import simulate
from harness.steps import Hold, Inject, Step
from harness.verdict import UNTIL_HEALED
from tests.predict.made import profile

REVERSED = {r"weight .*": "weight 10 reverse"}


def of(of_node=None):
    return Chain(profile(keepalived=REVERSED, of_node=of_node))


def test_a_check_in_reverse_lifts_the_bystander_that_fails():
    chain = of()
    assert advertised(chain) == {"m1": 100, "m2": 99, "m3": 98}
    found = predict(chain, chain.fails(Kind.PROXY_DEAD, "m2"), at_rest(chain))
    assert isinstance(found.move, Migration) and found.move.heirs == ("m2",)
    assert found.measures["vip_migration_s"].bounds and "m2 then has 109" in found.move.why
    assert found.measures["blackout_s"].ends == UNTIL_HEALED  # it has no proxy
    steps: list[Step] = [Inject(ProcessKill("haproxy", on=NotVipOwner())), Hold(60)]
    played = simulate(compiled(chain.profile), steps, 40, seed=1, processes=1)
    assert dict(played.moved[0]) == {"m2": 40}
    assert set(played.values[Key(0, "blackout_s")]) == {math.inf}


def test_who_does_not_preempt_is_lifted_in_vain():
    chain = of({"m2": {r"state \w+": "state BACKUP\n    nopreempt"}})
    move = predict(chain, chain.fails(Kind.PROXY_DEAD, "m2"), at_rest(chain)).move
    assert isinstance(move, Stays) and not move.wrong


def test_an_owner_in_reverse_keeps_it():
    chain = of()
    move = predict(chain, chain.fails(Kind.PROXY_DEAD, "m1"), at_rest(chain)).move
    assert isinstance(move, Stays) and move.wrong
