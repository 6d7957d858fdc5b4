"""How long to wait for what a profile's own timers imply: the predicted interval from rest, and a little more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import isinf

from harness.chain.chain import Chain
from harness.chain.failure import Kind
from harness.chain.outcome import APISERVER_TIMEOUT_S
from harness.chain.patience import connect_s
from harness.chain.rest import advertised, at_rest, home
from harness.clock import Bounds
from harness.predict import eviction
from harness.predict.eviction import readmitted
from harness.predict.failback import serves_s
from harness.predict.migration import Migration, verdict
from harness.predict.predict import predict
from harness.predict.prediction import Prediction
from harness.profile.folder import Profile

__all__ = ["APISERVER_TIMEOUT_S", "EARLY_S", "LATENCY_S", "SLACK_S", "Timers"]

# What a figure may be later than its timers: fork and exec of a check (10–50 ms), an agent's turn on a busy
# two-core machine and its polls (20 ms), two sampling periods and an answer's latency (20–60 ms), timers that drift by
# 0.3–1.6 ms a second. keepalived itself was 0.2–0.4 ms late in the recorded elections.
SLACK_S = 0.2
LATENCY_S = 0.06  # what of this is the answer's
PATIENCE_S = 90.0  # for what clients believe in that nobody ends
# What it may be earlier: a check that was under way when the fault came, an advert that was itself a few ms late.
EARLY_S = 0.05


@dataclass(frozen=True)
class Timers:
    """The times of one profile at rest, in seconds; every pair is [best, worst + SLACK_S]."""

    profile: Profile

    @cached_property
    def chain(self) -> Chain:
        return Chain(self.profile)

    @property
    def stacked(self) -> bool:
        """Say whether the node that has the VIP while nothing is broken is a master, too."""
        return home(self.chain) in self.chain.masters

    @cached_property
    def advertised(self) -> dict[str, int]:
        """Return each node's effective priority while nothing is broken."""
        return advertised(self.chain)

    @property
    def first_election_s(self) -> float:
        """Return how long nodes that start together wait: the least master-down time of all, by their base priorities.

        keepalived 2.2.7 starts as BACKUP whatever `state` says: measured 3.571 s with MASTER, priority 110.
        """
        return min(self.chain.down_s(node, node, self.chain.instance(node).priority) for node in self.chain.nodes)

    @property
    def node_failover_s(self) -> Bounds:
        """Return the owner's silent death → the VIP on another node."""
        return self._late(self.at_home(Kind.NODE_CRASH), "vip_migration_s")

    @property
    def script_failover_s(self) -> Bounds:
        """Return the death of what the VIP leads to → the VIP on another node, or how long that would take.

        Where it may take any time, as long as anything takes that keepalived does by itself.
        """
        return self._failover_s(self._front_dies(home(self.chain)))

    @property
    def hang_failover_s(self) -> Bounds:
        """Return the same where what the VIP leads to hangs."""
        return self._failover_s(self.at_home(Kind.PROXY_HUNG if self.profile.balanced else Kind.APISERVER_HUNG))

    @property
    def failback_s(self) -> Bounds:
        """Return what the VIP leads to runs again → the VIP is back; 0 where it never left or never returns."""
        return self._late(self._front_dies(home(self.chain)), "failback_s")

    @property
    def eviction_refused_s(self) -> Bounds:
        """Return a backend refuses → haproxy has it DOWN, by every node's haproxy."""
        return self._checks(Kind.APISERVER_DEAD)

    @property
    def eviction_dropped_s(self) -> Bounds:
        """Return a backend falls silent → haproxy has it DOWN: each check waits out its connection."""
        return self._checks(Kind.NODE_CRASH)

    @property
    def eviction_hung_s(self) -> Bounds:
        """Return a backend accepts and answers nothing → haproxy has it DOWN, or how long that would take."""
        return self._checks(Kind.APISERVER_HUNG)

    @property
    def readmission_s(self) -> Bounds:
        """Return a node is on again → haproxy has its backend UP, however long its apiserver takes."""
        found = [readmitted(s, Kind.NODE_CRASH, serves_s(self.chain, Kind.NODE_CRASH)) for s in self.chain.checked]
        return Bounds(min((b.min for b in found), default=0.0), max((b.max for b in found), default=0.0) + SLACK_S)

    @property
    def return_s(self) -> float:
        """Return power on → the node serves and holds what is its own."""
        crashes = [self._crash(node) for node in dict.fromkeys((home(self.chain), self.chain.masters[0]))]
        booted_s = serves_s(self.chain, Kind.NODE_CRASH).max
        return max(booted_s, *(self._late(one, m).max for one in crashes for m in ("failback_s", "recovery_s")))

    @property
    def aftermath_s(self) -> float:
        """Return how long to go on once the chain looks whole; where no check asks the apiservers, only time tells."""
        return 3.0 if self.chain.checked else self.return_s

    @property
    def bystander_s(self) -> float:
        """Return a bystander's silent death → each client that it served knows, or PATIENCE_S where some never do."""
        node = next((one for one in self.chain.masters if one != home(self.chain)), home(self.chain))
        told = [one.bounds.max for one in self._crash(node).clients.values() if one.bounds]
        return min(max(told, default=0.0), PATIENCE_S) + SLACK_S

    @property
    def unannounced_s(self) -> float:
        """Return how long clients may look for a VIP whose owner is back and has never lost it in its own eyes."""
        return self._late(self.at_home(Kind.NODE_FREEZE), "healing_blackout_s").max

    @property
    def write_refusal_s(self) -> float:
        """Return how long a write may take to be refused where no quorum answers."""
        return APISERVER_TIMEOUT_S + SLACK_S

    @property
    def slowest_period_s(self) -> float:
        """Return the longest interval of what is done again and again: scripts, adverts, checks."""
        nodes = self.chain.nodes
        scripts = [script.interval_s for node in nodes for script in self.chain.watches(node)]
        return max(
            [*scripts, *(self.chain.instance(n).advert_int_s for n in nodes), *(s.inter_s for s in self.chain.checked)]
        )

    @property
    def slowest_broken_s(self) -> float:
        """Return the same for a chain that is broken, in which checks may wait in vain before they pause."""
        return max(self.slowest_period_s, *(s.downinter_s + connect_s(s) for s in self.chain.checked), 0.0)

    def moves(self, loser: str) -> bool:
        """Say whether the VIP leaves `loser` when what it leads to dies there."""
        return isinstance(self._front_dies(loser).move, Migration)

    def at_home(self, kind: Kind) -> Prediction:
        """Return what is predicted when something fails on the node that has the VIP at rest."""
        return predict(self.chain, self.chain.fails(kind, home(self.chain)), at_rest(self.chain))

    def _crash(self, node: str) -> Prediction:
        return predict(self.chain, self.chain.fails(Kind.NODE_CRASH, node), at_rest(self.chain))

    def _front_dies(self, node: str) -> Prediction:
        kind = Kind.PROXY_DEAD if self.profile.balanced else Kind.APISERVER_DEAD
        standing = at_rest(self.chain)
        return predict(self.chain, self.chain.fails(kind, node), type(standing)(node, standing.alive))

    def _failover_s(self, prediction: Prediction) -> Bounds:
        if isinstance(prediction.move, Migration) and not isinf(prediction.move.total.bounds.max):
            return self._late(prediction, "vip_migration_s")
        node = home(self.chain)
        after = prediction.standing.after(prediction.failure, node)
        seen = (verdict(self.chain, node, script, after) for script in self.chain.watches(node))
        longest_s = max((f.bounds.max for f in seen if f and not isinf(f.bounds.max)), default=0.0)
        return Bounds(longest_s, longest_s + self.node_failover_s.max)

    def _checks(self, kind: Kind) -> Bounds:
        runs = ((s, eviction.failing_s(s, kind)) for s in self.chain.checked)
        found = [eviction.bounds(server, connect_s(server) if s is None else s, kind) for server, s in runs]
        return Bounds(min((b.min for b in found), default=0.0), max((b.max for b in found), default=0.0) + SLACK_S)

    @staticmethod
    def _late(prediction: Prediction, measure: str) -> Bounds:
        predicted = prediction.measures.get(measure)
        bounds = predicted.bounds if predicted else None
        return Bounds(bounds.min, bounds.max + SLACK_S) if bounds and not isinf(bounds.max) else Bounds(0.0, 0.0)
