"""Whether the VIP leaves a node when something fails there, to whom, and after what time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from harness.chain import group, health
from harness.chain.chain import Chain
from harness.chain.failure import LEFT_BEHIND, Failure, Kind, Standing
from harness.chain.outcome import Run, failed, told
from harness.chain.rest import failing, known, strength
from harness.chain.setting import Setting, of_instance, of_watch
from harness.chain.watch import HEARD_S, Keyword, Watch
from harness.clock import Bounds
from harness.predict.election import hull, of_wait, soonest_of, strongest
from harness.predict.spread import Spread

AT_ONCE = Spread(0.0)


@dataclass(frozen=True)
class Migration:
    """The VIP moves: fault → `detection` → `election` → one of `heirs` is MASTER; times in seconds.

    Detection ends with the first sign on the wire: a lowered priority, a priority of 0, or the new owner itself.
    `verdict` is when the script that decides has failed for good; `gap` for how long nobody has the VIP.
    """

    heirs: tuple[str, ...]
    detection: Spread
    election: Spread
    gap: Spread
    why: str
    settings: tuple[Setting, ...]
    verdict: Spread | None = None

    @property
    def total(self) -> Spread:
        return self.detection + self.election


@dataclass(frozen=True)
class Stays:
    """The VIP stays where it is; `wrong` where its owner has failed and it ought to go."""

    why: str
    settings: tuple[Setting, ...] = ()
    wrong: bool = True


def migrate(chain: Chain, failure: Failure, standing: Standing, swift: bool = False) -> Migration | Stays:
    """Return what the VIP does when `failure` happens as things stand.

    `swift` is where the other nodes' checks, if they see it too, have failed before these nodes are asked for.
    """
    owner = standing.owner
    after = standing.after(failure, owner)
    others = after if swift else standing if failure.node == owner else replace(after, broken=standing.broken)
    if owner is None:
        return Stays("nobody holds the VIP", wrong=False)
    if failure.node != owner:
        if failing(chain, owner, after) <= failing(chain, owner, standing):
            return Stays(f"the VIP stays: {failure.node} does not hold it", wrong=False)
        return _tracked(chain, failure, standing, after, others)
    if failure.kind.drops or failure.kind in LEFT_BEHIND:
        return _unheard(chain, failure, others)
    if failure.kind in (Kind.NODE_STOP, Kind.KEEPALIVED_STOPPED):
        why = "sends priority 0 before it goes, and gives the address up"
        return _resigned(chain, owner, others, AT_ONCE, f"{owner} {why}", ())
    return _tracked(chain, failure, standing, after, others)


def racers(chain: Chain, standing: Standing, failure: Failure, within_s: float) -> list[tuple[str, str]]:
    """Return the scripts of other nodes, each with its node, that may have failed of the same within a time."""
    after = standing.after(failure, standing.owner)
    found = []
    for node in chain.rivals(standing.owner, after):
        for script in chain.watches(node):
            when = verdict(chain, node, script, after)
            if when and when.bounds.min < within_s and not failed(chain, node, script, standing):
                found.append((node, script.name))
    return found


def verdict(chain: Chain, node: str, script: Watch, standing: Standing) -> Spread | None:
    """Return fault → the script has failed `fall` times; None where it does not see the fault."""
    seen = failed(chain, node, script, standing)
    return concluded(script, seen, script.fall) if seen else None


def concluded(script: Watch, seen: Run, runs: int) -> Spread:
    """Return fault → so many runs of a script have ended so, or keepalived has heard of what it does not run.

    Runs start `interval` apart and the first failing one starts up to an interval after the fault; keepalived 2.2.7
    starts the next one even while a hanging one still runs.
    """
    least_s, width_s = seen.took_s.min, seen.took_s.max - seen.took_s.min
    first_s, each_s = (script.lost_s, HEARD_S) if script.hears else ((runs - 1) * script.interval_s, script.interval_s)
    return Spread(first_s + least_s, (each_s, *([width_s] if width_s else [])))


def _unheard(chain: Chain, failure: Failure, others: Standing) -> Migration | Stays:
    """The owner's adverts end: the strongest backup waits out its master-down time from the last that it heard."""
    owner = failure.node
    heirs, priority = strongest(chain, others, owner)
    if not heirs:
        return Stays("no node is left that could take the VIP")
    heir = heirs[0]
    down_s, every_s = chain.down_s(heir, owner, priority), chain.instance(owner).advert_int_s
    wait = Spread(down_s - every_s, (every_s,))
    silent = failure.kind.drops
    why = f"{_either(heirs)} waits {down_s:.3f} s from the last advert that it heard"
    if not silent:
        why += f"; {owner} keeps the address too: two owners, and no peer can tell"
    why += _together(chain, heir)
    cited = of_wait(chain, heir, owner)
    return Migration(heirs, wait, AT_ONCE, wait if silent else AT_ONCE, why, cited)


def _resigned(
    chain: Chain, owner: str, others: Standing, detection: Spread, why: str, cited: tuple[Setting, ...]
) -> Migration | Stays:
    """The owner advertises priority 0: the strongest backup waits for no more than its skew."""
    heirs, priority = strongest(chain, others, owner)
    if not heirs:
        return Stays(f"{why}; no other node can take the VIP: it vanishes", cited)
    heir = heirs[0]
    wait = Spread(chain.skew_s(heir, owner, priority))
    told_ = f"{why}; {_either(heirs)} waits for its skew, {wait.least_s:.3f} s" + _together(chain, heir)
    cited += of_instance(chain.instance(heir), "priority")
    return Migration(heirs, detection, wait, wait, told_, cited, None if detection is AT_ONCE else detection)


def stopped(chain: Chain, owner: str, watch: Watch, others: Standing) -> Migration | Stays:
    """Return what comes of a check that has keepalived stopped, at whatever time of a run."""
    when = concluded(watch, Run(None, Bounds(0.0, watch.timeout_s), True), 1)
    why = f"{watch.name} may have keepalived stopped on {owner}, which then says goodbye with priority 0"
    return _resigned(chain, owner, others, when, why, of_watch(watch, "interval", "script"))


def _tracked(
    chain: Chain, failure: Failure, standing: Standing, after: Standing, others: Standing
) -> Migration | Stays:
    """A daemon fails under a keepalived that lives: all depends on what it watches, and on the weights.

    What failed before it tells nothing new.
    """
    owner = after.owner or failure.node
    watches, before = chain.watches(owner), known(chain, owner, standing)
    found: list[Migration | Stays] = []
    seen: list[tuple[Watch, Spread]] = []
    for watch in (one for one in watches if one.name not in before):
        stopped = failed(chain, owner, watch, after)
        if stopped and stopped.stops:
            why = f"{watch.name} has keepalived stopped on {owner}, which says goodbye with priority 0"
            when = concluded(watch, stopped, 1)
            found.append(_resigned(chain, owner, others, when, why, of_watch(watch, "interval", "script")))
        elif stopped:
            seen.append((watch, concluded(watch, stopped, watch.fall) + _untold(chain, failure, standing)))
    faulty = [(watch, when) for watch, when in seen if chain.priority(owner, {watch.name}) is None]
    for watch, when in faulty:
        why = f"{watch.name} has weight 0: {owner} goes into FAULT"
        if watch.keyword is Keyword.FILE:
            why = f"{watch.name} may put {owner} into FAULT"
        found.append(_resigned(chain, owner, others, when, why, _cited(failure, watch)))
    if lowering := [one for one in seen if one not in faulty]:
        before &= failing(chain, owner, after)
        found.append(_lowered(chain, failure, others, owner, lowering, before))
    moves = [one for one in found if isinstance(one, Migration)]
    if moves:
        return reduce(_sooner, moves)
    return found[-1] if found else _blind(chain, failure, watches, after)


def _untold(chain: Chain, failure: Failure, standing: Standing) -> Spread:
    """Return for how long apiservers may still call themselves ready, where it takes etcd from them."""
    members = chain.masters
    lost = standing.quorum(members) and not standing.after(failure, None).quorum(members)
    return Spread(0.0, (health.STALE_S.max,)) if lost or failure.kind is Kind.ETCD_DEAD else AT_ONCE


def _cited(failure: Failure, watch: Watch) -> tuple[Setting, ...]:
    cited = of_watch(watch, "interval", "fall", "weight")
    return cited + of_watch(watch, "timeout") if failure.kind.hangs else cited


def _lowered(
    chain: Chain, failure: Failure, others: Standing, owner: str, seen: list[tuple[Watch, Spread]], before: set[str]
) -> Migration | Stays:
    """The owner advertises less: who has more then waits out its master-down time."""
    soonest = soonest_of(chain, owner, others, seen, before)
    if not soonest:
        failed_names = before | {watch.name for watch, _ in seen}
        left = chain.priority(owner, failed_names) or 0
        return _outbid(chain, others, owner, left, failed_names, _cited(failure, seen[-1][0]))
    (heir, first), *_ = soonest.items()
    heirs = tuple(soonest)
    cited, left = _cited(failure, first.watch), chain.priority(owner, first.failed) or 0
    when, wait = hull([one.when for one in soonest.values()]), hull([one.wait for one in soonest.values()])
    noticed = Spread(0.0, (chain.instance(owner).advert_int_s,))  # until the next advert tells of the lower priority
    able = {strength(chain, one, others) for one in heirs}
    has = f"{_either(heirs)} has {strength(chain, heir, others)}"
    if len(able) > 1:
        has = " or ".join(f"{one} has {strength(chain, one, others)}" for one in sorted(heirs))
    why = f"{owner} then advertises {left}, and {has}"
    if delay_s := chain.instance(heir).preempt_delay_s:
        why += f"; preempt_delay has {heir} accept that for {delay_s:g} s more"
    why += _together(chain, heir)
    cited += of_wait(chain, heir, owner)
    return Migration(heirs, when + noticed, wait, AT_ONCE, why, cited, when)


def _sooner(one: Migration, other: Migration) -> Migration:
    """Return what comes of two ways to move: who resigns while a backup waits for its advert has it wait anew."""
    first, second = sorted((one, other), key=lambda move: move.total.bounds.min)
    if first.total.bounds.max <= second.detection.bounds.min:
        return first
    bounds = [(move.detection.bounds, move.total.bounds) for move in (first, second)]
    seen_s, moved_s = min(d.min for d, _ in bounds), min(t.min for _, t in bounds)
    seen_by_s = min(d.max for d, _ in bounds)
    resigns = [move for move in (first, second) if move.gap != AT_ONCE]
    again_s = min(move.election.bounds.max for move in resigns)
    moved_by_s = min(move.total.bounds.max + (0.0 if move in resigns else again_s) for move in (first, second))
    detection = Spread(seen_s, (seen_by_s - seen_s,))
    election = Spread(moved_s - seen_s, (max(0.0, moved_by_s - moved_s - (seen_by_s - seen_s)),))
    verdicts = [v.bounds for v in (first.verdict, second.verdict) if v]
    verdict_s = min(v.min for v in verdicts), min(v.max for v in verdicts)
    return Migration(
        heirs=tuple(dict.fromkeys([*first.heirs, *second.heirs])),
        detection=detection,
        election=election,
        gap=Spread(0.0, (max(first.gap.bounds.max, second.gap.bounds.max),)),
        why=f"{first.why}; or {second.why}",
        settings=tuple(dict.fromkeys([*first.settings, *second.settings])),
        verdict=Spread(verdict_s[0], (verdict_s[1] - verdict_s[0],)),
    )


def _blind(chain: Chain, failure: Failure, scripts: Sequence[Watch], after: Standing) -> Stays:
    """Return why nothing on the owner notices the failure."""
    node = failure.node
    if not scripts:
        removed = [
            f"{one.name} is removed, as {one.removed}" for one in chain.profile.scripts[node].values() if one.removed
        ]
        told_ = f"nothing is tracked on {node}: {'; '.join(removed) or 'nothing notices'}"
        return Stays(told_, of_instance(chain.instance(node), "priority"))
    if failure.kind not in (Kind.PROXY_DEAD, Kind.PROXY_HUNG) and chain.profile.balanced:
        return Stays(f"the VIP stays: {chain.profile.front} is to send elsewhere", wrong=False)
    seen = "; ".join(f"{s.name} {told(chain, node, s, after)}" for s in scripts)
    cited = tuple(setting for s in scripts for setting in of_watch(s, "script"))
    return Stays(f"{node} keeps the VIP: {seen}", cited)


def _outbid(
    chain: Chain, after: Standing, owner: str, left: int, failed_names: set[str], cited: tuple[Setting, ...]
) -> Stays:
    """Return why nobody takes the VIP from an owner that has lowered its priority."""
    others = {node: strength(chain, node, after) or 0 for node in chain.rivals(owner, after)}
    if not others:
        return Stays("no other node is left", cited)
    strongest = max(others, key=lambda node: others[node])
    cited += of_instance(chain.instance(owner), "priority") + of_instance(chain.instance(strongest), "priority")
    held = chain.held(strongest, owner, failed_names, failing(chain, strongest, after))
    if held and others[strongest] > left and chain.instance(strongest).preempts:
        why = (
            f"{owner} keeps the VIP: {held[0]} of its sync group still has {held[1]}, and none is taken before all are"
        )
        return Stays(why, cited)
    if others[strongest] > left:
        why = f"{strongest} has {others[strongest]}, more than {owner}'s {left}, but nopreempt has it accept that"
        return Stays(why, cited + of_instance(chain.instance(strongest), "nopreempt"))
    told_ = f"it still advertises {left}, and the best of the others, {strongest}, has {others[strongest]}"
    return Stays(f"{owner} keeps the VIP: {told_}", cited)


def _together(chain: Chain, heir: str) -> str:
    """Return what an instance's sync group has to do with its wait."""
    other = group.unlike(chain.profile.instances[heir])
    return f"; {other.name} of its sync group waits otherwise, and none is taken before all are" if other else ""


def _either(nodes: tuple[str, ...]) -> str:
    return " or ".join(sorted(nodes))
