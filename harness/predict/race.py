"""A check of an owner that is well races with what heals by itself: an eviction, an election of etcd.

Until a load balancer has a failed backend out a run of the check may be given to it, and until etcd has another leader
nobody is ready. `fall` failing runs in a row, and the VIP's owner counts as broken though it is well.
machine-config-operator 3158 met this with `fall 2`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from harness.chain import elsewhere, health, retries, shares
from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.chain.outcome import AT_ONCE, Run, Seen, run
from harness.chain.sight import Request, Way
from harness.chain.watch import Watch
from harness.clock import Bounds
from harness.predict import behind, etcd, eviction
from harness.predict.spread import Spread
from harness.profile.haproxy import Server

PLAYED = 4000
SOON, FOREVER = Spread(0.0), Spread(math.inf)


@dataclass(frozen=True)
class Race:
    """A script of a node that may fail `fall` times in a row before what fails it has healed by itself.

    Until `server` is out, `out` after its checks can see it, which may be `late_s` after the fault, a run meets it with
    a probability of `share`; None where that depends on what else is under way. `members` are etcd's, one of which may
    have led the others; 0 where no run asks for that. Each run is taken for one that has its apiserver ask etcd, and
    bears with that for `patience_s`: so it may be at most.
    """

    node: str
    script: Watch
    took_s: Bounds
    server: Server | None = None
    out: Spread = SOON
    share: float | None = 0.0
    members: int = 0
    patience_s: float = 0.0
    late_s: float = 0.0

    @property
    def until_s(self) -> float:
        """Return fault → no run fails any more, at the latest."""
        return max(self.late_s + self.out.bounds.max, etcd.WORST_S if self.members else 0.0)

    @property
    def verdict_s(self) -> Bounds:
        """Return fault → the script has failed `fall` times, where it does."""
        least_s = (self.script.fall - 1) * self.script.interval_s + self.took_s.min
        return Bounds(least_s, self.until_s + self.took_s.max)

    @property
    def over_s(self) -> float:
        """Return fault → the script passes again at the latest."""
        return self.until_s + self.took_s.max + (self.script.rise + 1) * self.script.interval_s

    @property
    def told(self) -> str:
        """Return in words what its runs meet."""
        meets = [f"meet {self.server.name} before it is out"] if self.server else []
        meets += ["ask while etcd elects a leader"] if self.members else []
        runs = f"{self.script.fall} runs in a row" if self.script.fall > 1 else "a run"
        return f"{runs} of {self.script.name} on {self.node} {' or '.join(meets)}"

    def chance(self, every_s: float, down_s: float | None) -> float | None:
        """Return how likely the VIP is to move, whose backups wait `down_s` for an advert; None where they need not."""
        if self.share is None:
            return None
        script = self.script
        counts = (script.interval_s, script.fall, script.rise)
        electing = (self.members, self.patience_s)
        return _played(self.share, electing, counts, self.took_s, self.out, every_s, down_s)


def races(chain: Chain, failure: Failure, standing: Standing, node: str) -> list[Race]:
    """Return every race that may have a node's checks fail though its chain is well."""
    kind = failure.kind
    if not (kind.takes_backend or kind is Kind.ETCD_DEAD) or (kind.silences and failure.node == node):
        return []
    found = []
    for script in chain.watches(node):
        if run(chain, node, script, standing.after(failure, standing.owner)).passes:
            race = _race(chain, failure, standing, node, script)
            in_time = (script.fall - 1) * script.interval_s < race.until_s
            found += [race] if (race.server or race.members) and in_time else []
    return found


def of_others(chain: Chain, failure: Failure, standing: Standing) -> list[Race]:
    """Return the races that checks of other nodes than the owner may lose."""
    others = chain.rivals(standing.owner, standing.after(failure, None))
    return [race for node in others for race in races(chain, failure, standing, node)]


def _race(chain: Chain, failure: Failure, standing: Standing, node: str, script: Watch) -> Race:
    after, kind, race = standing.after(failure, standing.owner), failure.kind, Race(node, script, AT_ONCE)

    def lost(misled: Callable[[Request], Seen]) -> Run | None:
        found = run(chain, node, script, after, misled)
        return found if found.passes is False else None

    leads = failure.node in chain.masters and (kind.silences or kind is Kind.ETCD_DEAD)
    if leads and (electing := lost(_elects)):
        took_s = electing.took_s
        race = replace(race, took_s=took_s, members=len(chain.masters), patience_s=took_s.max)
    for server, among in _servers(chain, failure, standing, node):

        def met(look: Request, server: Server = server, up: int = len(among)) -> Seen:
            through = look.way is Way.BALANCER
            return _meets(server, kind, look, min(look.limit_s, script.timeout_s), up) if through else (True, AT_ONCE)

        if meets := lost(met):
            both = [race.took_s, meets.took_s] if race.members else [meets.took_s]
            took_s = Bounds(min(one.min for one in both), max(one.max for one in both))
            share = _share(server, kind, among)
            late_s = health.STALE_S.max if kind is Kind.ETCD_DEAD else 0.0
            race = replace(race, took_s=took_s, server=server, out=_out(server, kind), share=share, late_s=late_s)
    return race


def _servers(chain: Chain, failure: Failure, standing: Standing, node: str) -> list[tuple[Server, list[Server]]]:
    """Return a node's servers that stand for what has failed, each with all that it shares connections with."""
    up, profile = behind.up(chain, node, standing), chain.profile
    beside = [(s, shares.serving(up, s.backend)) for s in up if profile.stands_for(node, s) == failure.node]
    return [(server, among) for server, among in beside if server in among and len(among) > 1]


def _share(server: Server, kind: Kind, among: Sequence[Server]) -> float | None:
    """Return how likely a run is to meet a server; None where that depends on clients, or how long it does."""
    hastened = eviction.error_s(server, kind) is not None
    turns = shares.choice(server).way is shares.Way.TURNS
    return float(shares.share(server, among)) if turns and not hastened and not elsewhere.untold(server) else None


def _out(server: Server, kind: Kind) -> Spread:
    """Return a check could see the fault → a haproxy has the server out."""
    kind = Kind.APISERVER_ERRORS if kind is Kind.ETCD_DEAD else kind  # which is seen as that, late
    run_s = eviction.failing_s(server, kind) if server.checked else None
    return FOREVER if run_s is None else eviction.evicted(server, run_s, kind)


def _elects(look: Request) -> Seen:
    """Return what a request sees while etcd has no leader."""
    if look.connects or not look.asks_ready:
        return True, AT_ONCE
    return (None if look.minds is None else not look.minds), Bounds(0.0, min(health.PROBE_S, look.limit_s))


def _meets(server: Server, kind: Kind, look: Request, limit_s: float, active: int) -> Seen:
    """Return what a request sees that is given to the failed server first."""
    limit = Bounds(limit_s, limit_s)
    if kind in (Kind.APISERVER_ERRORS, Kind.ETCD_DEAD):
        depends = kind is Kind.APISERVER_ERRORS or look.asks_ready
        held = Bounds(0.0, min(health.HELD_S, limit_s)) if kind is Kind.ETCD_DEAD else AT_ONCE
        return (None if look.minds is None else not (depends and look.minds)), held
    if kind.hangs:
        return False, limit
    ending = retries.of(server).ending(kind is not Kind.APISERVER_DEAD, active, server.backup)
    if ending.elsewhere and ending.after_s < limit_s:
        return True, AT_ONCE
    waited_s = min(ending.after_s, limit_s)
    return False, Bounds(waited_s, waited_s)


@lru_cache(200)
def _played(
    share: float,
    electing: tuple[int, float],
    counts: tuple[float, int, int],
    took_s: Bounds,
    out: Spread,
    every_s: float,
    down_s: float | None,
) -> float:
    if math.isinf(out.least_s):
        return 1.0
    draw, (members, patience_s) = random.Random(0), electing
    elections = [took_s for took_s, _ in etcd.elections(members, members - 1)] if members else []
    moved = 0
    for _ in range(PLAYED):
        out_s = out.least_s + sum(draw.uniform(0.0, width) for width in out.widths_s)
        led_s = draw.choice(elections) if members and draw.random() < 1 / members else 0.0
        known_s = health.PROBE_S + draw.uniform(0.0, health.EVERY_S)

        def fails(at_s: float, out_s: float = out_s, led_s: float = led_s, known_s: float = known_s) -> bool:
            in_vain = at_s < led_s and (at_s >= known_s or led_s - at_s > patience_s)
            return in_vain or (at_s < out_s and draw.random() < share)

        moved += _moves(draw, fails, max(out_s, led_s), counts, took_s.max, every_s, down_s)
    return moved / PLAYED


def _moves(
    draw: random.Random,
    fails: Callable[[float], bool],
    until_s: float,
    counts: tuple[float, int, int],
    took_s: float,
    every_s: float,
    down_s: float | None,
) -> bool:
    """Play one race by keepalived's counter (track_script.h): OK from `rise` on, full or empty at each change.

    Who has lowered its priority is let go if no advert tells of the old one before the backup's patience ends.
    """
    interval_s, fall, rise = counts
    at_s, counted, expires_s, heard_s = draw.uniform(0.0, interval_s), rise + fall - 1, math.inf, 0.0
    while at_s < until_s or counted < rise + fall - 1:
        failed = fails(at_s)
        end_s, was_ok = at_s + (took_s if failed else 0.0), counted >= rise
        if end_s > expires_s + every_s:
            return True
        if failed:
            counted = counted - 1 if counted > rise else 0
        else:
            counted = counted + 1 if counted < rise - 1 else rise + fall - 1
        if was_ok and counted < rise:
            if down_s is None:
                return True
            heard_s = end_s + draw.uniform(0.0, every_s)  # when the next advert tells of it
            expires_s = heard_s - every_s + down_s
        elif not was_ok and counted >= rise:
            told_s = heard_s + max(0, math.ceil((end_s - heard_s) / every_s)) * every_s
            if told_s > expires_s:
                return True
            expires_s = math.inf
        at_s += interval_s
    return False
