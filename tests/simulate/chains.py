"""Chains made by hand, and a world in which nothing is late, so that every time is a formula's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harness.agent.deeds import process
from harness.chain.look import Lookup, Question, Verdict
from harness.chain.numbers import Backend, Balancer, HealthCheck, Node, Numbers, Track
from harness.chain.retries import Picks, Retries
from harness.chain.sight import Probe, Sight
from harness.contracts import Fault, Selector, Target
from harness.events import Effect
from harness.select import NotVipOwner, VipOwner
from harness.simulate.assumed import Assumed
from harness.simulate.measures import Key
from harness.simulate.samples import Samples
from harness.simulate.simulate import simulate
from harness.steps import Hold, Inject, Step

OWNER, OTHER = VipOwner(), NotVipOwner()
NONE = (0.0, 0.0)
# Scenarios with a fault of which the model does not know what it does, and says so.
UNKNOWN = {
    "apiserver-unauthorized",
    "backend-out-of-reach",
    "cert-expires",
    "etcd-space",
    "isolate-vip-owner",
    "link-down",
    "packet-loss",
    "reload-keepalived",
    "stop-apiserver",
    "part-etcd-leader",
    "unannounced-failover",
}
EXACT = Assumed(
    late_s_mean=0.0,
    assign_s=NONE,
    withdraw_s=NONE,
    announce_s=NONE,
    heard_s=NONE,
    lookup_s=NONE,
    request_s=NONE,
    start_s=NONE,
    boot_s=NONE,
    keepalived_start_s=NONE,
    boot_start_s=NONE,
    powered_s=NONE,
)
CHECK = HealthCheck(
    inter_s=2.0,
    fastinter_s=2.0,
    downinter_s=2.0,
    fall=3,
    rise=2,
    layer7=False,
    secure=False,
    asks_ready=False,
    connect_s=2.0,
    answer_s=2.0,
)
TRACK = Track(
    name="check", interval_s=3.0, timeout_s=3.0, fall=1, rise=1, weight=2,
    sight=Question(Lookup("haproxy"), Verdict(True), Verdict(False)),
)  # fmt: skip
NODE = Node(
    name="m1", address=(10, 0, 0, 1), priority=100, version=2, advert_int_s=1.0, down_timer_adverts=3, preempts=True,
    preempt_delay_s=0.0, garp_again_s=5.0, tracks=(TRACK,), balancer=None,
)  # fmt: skip


RETRIES = Retries(most=3, redispatch=None, picks=Picks.ANEW, connect_s=10.0)


def sight(*probes: Probe) -> Sight:
    """What a script sees that looks at one thing after another, and fails with the first that does not hold."""
    seen: Sight = Verdict(True)
    for probe in reversed(probes):
        seen = Question(probe, seen, Verdict(False))
    return seen


def balancer(nodes: int, check: HealthCheck | None = CHECK, **changes) -> Balancer:
    servers = tuple(Backend(f"s{place + 1}", place, check) for place in range(nodes))
    return Balancer(servers=servers, retries=replace(RETRIES, **changes))


def chain(*priorities: int, check: HealthCheck | None = CHECK, balance=None, **changes) -> Numbers:
    """m1, m2, ... with these priorities, each with a haproxy before all; `changes` are every node's."""
    through = balancer(len(priorities), check, **(balance or {}))
    return Numbers(
        tuple(
            replace(NODE, name=f"m{n}", address=(10, 0, 0, n), priority=priority, **({"balancer": through} | changes))
            for n, priority in enumerate(priorities, 1)
        )
    )


@dataclass(frozen=True)
class Signal:
    """A fault like ProcessKill, with any signal; healed with CONT where it was STOP."""

    process: str
    name: Literal["KILL", "TERM", "STOP"]
    on: Selector = OWNER

    @property
    def effect(self) -> Effect:
        return Effect(hung=(self.process,)) if self.name == "STOP" else Effect(gone=(self.process,))

    def inject(self, target: Target) -> None:
        target.act(process.Signal(self.process, self.name))

    def heal(self, target: Target) -> None:
        if self.name == "STOP":
            target.act(process.Signal(self.process, "CONT"))
        else:
            target.service("up", self.process)


def struck(
    of: Numbers, fault: Fault, for_s: float, trials: int = 400, then: Sequence[Step] = (), assumed: Assumed = EXACT
) -> Samples:
    """Let one fault act for a time, and go on."""
    return simulate(of, [Inject(fault), Hold(for_s), *then], trials, seed=7, assumed=assumed, processes=1)


def values(samples: Samples, name: str, fault: int = 0, haproxy: str = "", backend: str = "") -> list[float]:
    return sorted(samples.values[Key(fault, name, haproxy, backend)])


def is_uniform(ordered: Sequence[float], low: float, high: float) -> bool:
    """Say whether a sample passes the Kolmogorov–Smirnov test for a uniform distribution, at one in a thousand."""
    assert low - 1e-6 <= ordered[0] and ordered[-1] <= high + 1e-6, (low, ordered[0], ordered[-1], high)
    n = len(ordered)
    shares = [(value - low) / (high - low) for value in ordered]
    distance = max(max((i + 1) / n - share, share - i / n) for i, share in enumerate(shares))
    return distance * math.sqrt(n) < 1.95
