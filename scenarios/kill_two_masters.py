"""Two of three masters die, one after the other: the VIP survives, etcd's quorum does not, and both must come back.

Of two masters only one dies. Five or more bear two deaths, and go on without an interruption of writes.
"""

from harness import checks as c
from harness.contracts import Times
from harness.faults.node import NodeCrash
from harness.select import Master
from harness.spec import Check, Play, Scenario
from harness.steps import Await, Condition, Heal, Hold, Inject, Step


def _deaths(t: Times) -> range:
    return range(min(2, max(1, len(t.chain.masters) - 1)))


def _crashes(t: Times) -> list[Step]:
    """Have masters die, each once the VIP and the evictions are over with that the one before it cost."""
    moved = [Await(Condition.VIP_MOVED, t.node_failover_s.max + 2)] if t.stacked else []
    steps: list[Step] = []
    for number in _deaths(t):
        steps += [Hold(t.eviction_dropped_s.max + 2)] if number else []
        steps += [Inject(NodeCrash(Master())), *moved]
    return steps


def _checks(t: Times) -> list[Check]:
    found: list[Check] = []
    for number in _deaths(t):
        lost = len(t.chain.masters) - number - 1 <= len(t.chain.masters) // 2
        # Without a quorum the checks of every load balancer may fail: who then has the VIP is not what is asked.
        found += [c.VipMoves(number)] if t.stacked else [] if lost else [c.VipStays(number)]
        found += [c.Evicts(number)] if t.chain.checked else []
    found += [c.QuorumLost(), c.WritesRefusedWithoutQuorum()] if lost else []
    return [*found, c.RecoversWithin(_deaths(t)[-1]), c.NoAcknowledgedWriteLost()]


scenario = Scenario(
    "Two of three masters die, one after the other: the VIP survives, etcd's quorum does not, and both must come back.",
    group="node",
    steps=lambda t: [
        *_crashes(t),
        Hold(t.eviction_dropped_s.max + 2 * t.write_refusal_s),
        Heal(),
        *(Await(Condition.STEADY, t.return_s), Hold(t.aftermath_s)),
    ],
    checks=_checks,
    blast_radius=2,
)


def test_kill_two_masters(trial: Play) -> None:
    trial(scenario)
