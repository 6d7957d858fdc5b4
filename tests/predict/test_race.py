import math
import re
from dataclasses import replace

import pytest

from harness.chain.chain import Chain
from harness.chain.compile import of as compiled
from harness.chain.failure import Kind
from harness.chain.rest import at_rest
from harness.faults.node import NodeCrash
from harness.predict.migration import Migration, Stays
from harness.predict.predict import predict
from harness.predict.race import races
from harness.select import NotVipOwner
from harness.simulate.assumed import QUIET_LAB
from harness.simulate.simulate import simulate
from harness.steps import Hold, Inject
from tests.predict.generated import Drawn

# As machine-config-operator had it (issue 3158): a check through haproxy, haproxy's own every second.
MCO = Drawn(
    priorities=(40, 60, 80),
    states=("BACKUP",) * 3,
    extra=("",) * 3,
    version=2,
    check="curl -sfk --max-time 1.9 https://localhost:8443/readyz",
    shebang=True,
    tracked=True,
    weight=50,
    interval=2,
    fall=2,
    rise=3,
    server="check check-ssl verify none inter 1s fall 2 rise 3",
    backend="    option httpchk GET /readyz\n",
)


def asked(of: Drawn, kind: Kind = Kind.NODE_CRASH, node: str = "m1"):
    chain = Chain(of.profile)
    failure, standing = chain.fails(kind, node), at_rest(chain)
    return races(chain, failure, standing, "m3"), predict(chain, failure, standing)


def test_with_fall_2_a_bystanders_crash_may_move_the_vip_and_with_fall_3_it_cannot():
    (race,), found = asked(MCO)
    # Both runs before 3–4 s, 2 s apart, a third of them given to the dead node. Who waits 1.9 s for etcd has it then.
    assert race.chance(1.0, 3.6) == pytest.approx(0.75 / 9, abs=0.015)
    (hasty,), _ = asked(replace(MCO, check=MCO.check.replace("1.9", "0.3"), interval=1))
    (seen,), _ = asked(
        replace(MCO, check="curl -sfk --max-time 0.3 'https://localhost:8443/livez?exclude=etcd'", interval=1)
    )
    assert hasty.chance(1.0, 3.6) > seen.chance(1.0, 3.6) + 0.05
    (live,), alive = asked(replace(MCO, check=MCO.check.replace("readyz", "livez?exclude=etcd")))
    assert live.chance(1.0, 3.6) == pytest.approx(0.75 / 9, abs=0.015)
    assert isinstance(found.move, Migration)
    assert "of such failures 2 runs in a row of check on m3 meet m1" in found.depends
    bounds = alive.measures["vip_migration_s"].bounds
    assert bounds is not None and bounds.min == pytest.approx(2 + 1.9 + 2.6, abs=0.3)
    assert found.measures["vip_migration_s"].otherwise == "never"
    nothing, found = asked(replace(MCO, fall=3, check=MCO.check.replace("readyz", "livez?exclude=etcd")))
    assert nothing == [] and isinstance(found.move, Stays)


@pytest.mark.parametrize("limit_s", [1.9, 0.3])
@pytest.mark.parametrize(("fall", "rise", "weight"), [(1, 1, 50), (1, 3, 50), (2, 3, 50), (1, 1, 0), (2, 1, 0)])
def test_its_share_is_the_simulations(fall, rise, weight, limit_s):
    """Where each run has its apiserver ask etcd, which is the worst."""
    of = replace(MCO, fall=fall, rise=rise, weight=weight, check=MCO.check.replace("1.9", str(limit_s)))
    _, found = asked(of)
    told = re.search(r"about (\d+)%", found.depends)
    chance = int(told[1]) / 100 if told else 0.0
    trials = 1500
    held = replace(QUIET_LAB, held=1.0)
    steps = (Inject(NodeCrash(on=NotVipOwner())), Hold(30))
    played = simulate(compiled(of.profile), steps, trials, 3, assumed=held, processes=1)
    share = sum(played.moved.get(0, {}).values()) / trials
    if weight == 0 and told:
        assert 0.6 * chance - 0.02 <= share <= chance + 0.02
    else:
        assert share == pytest.approx(chance, abs=0.02 + 0.1 * chance)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (Kind.APISERVER_DEAD, {"backend": "    option redispatch\n"}),  # refused, and at once given to another
        (Kind.NODE_CRASH, {"check": "curl -sfk --max-time 9 https://localhost:8443/readyz", "interval": 4}),
        (Kind.NODE_CRASH, {"check": "pidof haproxy"}),
        (Kind.PROXY_DEAD, {}),
    ],
)
def test_where_no_run_can_be_lost_there_is_no_race(kind, changes):
    of = replace(MCO, **({"backend": MCO.backend + "    option redispatch 1\n    retries 1\n"} | changes))
    if kind is Kind.NODE_CRASH and "interval" in changes:
        of = replace(of, interval=9)  # its timeout is the interval: long enough for the second attempt
    assert asked(of, kind)[0] == []


def test_a_backend_that_is_never_taken_out_wins_in_the_end():
    (race,), found = asked(replace(MCO, server=""))
    assert race.chance(1.0, 3.6) == 1.0
    bounds = found.measures["vip_migration_s"].bounds
    assert bounds is not None and math.isinf(bounds.max)
