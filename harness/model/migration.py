"""Whether the VIP leaves a node when something fails there, to whom, and after what time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.model.failure import Failure, Kind, Standing
from harness.model.setting import Setting, of_instance, of_script
from harness.model.sight import fails_after_s, told
from harness.model.spread import Spread
from harness.model.vrrp import Router, master_down_s, skew_s
from harness.profile.keepalived import Script

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


def migrate(router: Router, failure: Failure, standing: Standing) -> Migration | Stays:
    """Return what the VIP does when `failure` happens as things stand."""
    owner = standing.owner
    if failure.node != owner:
        return Stays(f"the VIP stays: {failure.node} does not hold it", wrong=False)
    after = standing.after(failure, owner)
    if failure.kind in (Kind.NODE_CRASH, Kind.KEEPALIVED_KILLED):
        return _unheard(router, failure, after)
    if failure.kind in (Kind.NODE_STOP, Kind.KEEPALIVED_STOPPED):
        why = "sends priority 0 before it goes, and gives the address up"
        return _resigned(router, owner, after, AT_ONCE, f"{owner} {why}", ())
    return _tracked(router, failure, after)


def failing(router: Router, node: str, standing: Standing) -> set[str]:
    """Return the scripts that fail on a node for good, by what is broken there."""
    ails = standing.ails(node)
    scripts = router.scripts(node)
    return {s.name for s in scripts if any(fails_after_s(router, node, s, kind) is not None for kind in ails)}


def strength(router: Router, node: str, standing: Standing) -> int | None:
    """Return a node's effective priority as things stand; None where it is off, mute or in FAULT."""
    mute = {Kind.KEEPALIVED_KILLED, Kind.KEEPALIVED_STOPPED}
    if node not in standing.alive or mute & set(standing.ails(node)):
        return None
    return router.priority(node, failing(router, node, standing))


def verdict(router: Router, node: str, script: Script, kind: Kind) -> Spread | None:
    """Return fault → the script has failed `fall` times; None where it does not see the fault.

    Runs start `interval` apart and the first failing one starts up to an interval after the fault; keepalived 2.2.7
    starts the next one even while a hanging one still runs.
    """
    run_s = fails_after_s(router, node, script, kind)
    if run_s is None:
        return None
    return Spread((script.fall - 1) * script.interval_s + run_s, (script.interval_s,))


def _unheard(router: Router, failure: Failure, after: Standing) -> Migration | Stays:
    """The owner's adverts end: the strongest backup waits out its master-down time from the last that it heard."""
    owner = failure.node
    heirs, priority = _strongest(router, after, owner)
    if not heirs:
        return Stays("no node is left that could take the VIP")
    heir = heirs[0]
    down_s, every_s = master_down_s(priority, router.backup(heir, owner)), router.instance(owner).advert_int_s
    wait = Spread(down_s - every_s, (every_s,))
    crash = failure.kind is Kind.NODE_CRASH
    why = f"{_either(heirs)} waits {down_s:.3f} s from the last advert that it heard"
    if not crash:
        why += f"; {owner} keeps the address too: two owners, and no peer can tell"
    cited = _of_wait(router, heir, owner)
    return Migration(heirs, wait, AT_ONCE, wait if crash else AT_ONCE, why, cited)


def _resigned(
    router: Router, owner: str, after: Standing, detection: Spread, why: str, cited: tuple[Setting, ...]
) -> Migration | Stays:
    """The owner advertises priority 0: the strongest backup waits for no more than its skew."""
    heirs, priority = _strongest(router, after, owner)
    if not heirs:
        return Stays(f"{why}; no other node can take the VIP: it vanishes", cited)
    heir = heirs[0]
    wait = Spread(skew_s(priority, router.backup(heir, owner)))
    told_ = f"{why}; {_either(heirs)} waits for its skew, {wait.least_s:.3f} s"
    cited += of_instance(router.instance(heir), "priority")
    return Migration(heirs, detection, wait, wait, told_, cited, None if detection is AT_ONCE else detection)


def _tracked(router: Router, failure: Failure, after: Standing) -> Migration | Stays:
    """A daemon fails under a keepalived that lives: all depends on what its scripts see, and on their weights."""
    owner = failure.node
    scripts = router.scripts(owner)
    seen = [(s, spread) for s in scripts if (spread := verdict(router, owner, s, failure.kind))]
    if not seen:
        return _blind(router, failure, scripts)
    failed, decided = _decisive(router, owner, after, seen)
    script, when = seen[-1] if decided is None else decided
    cited = of_script(script, "interval", "fall", "weight")
    if failure.kind.hangs:
        cited += of_script(script, "timeout")
    left = router.priority(owner, failed)
    if left is None:
        return _resigned(router, owner, after, when, f"{script.name} has weight 0: {owner} goes into FAULT", cited)
    heirs, priority = _strongest(router, after, owner, above=left)
    if not heirs:
        return _outbid(router, after, owner, left, cited)
    heir = heirs[0]
    down_s, every_s = master_down_s(priority, router.backup(heir, owner)), router.instance(owner).advert_int_s
    noticed = Spread(0.0, (every_s,))  # until the next advert tells of the lower priority
    wait = Spread(down_s - every_s)
    why = f"{owner} then advertises {left}, and {_either(heirs)} has {priority}"
    if delay_s := router.instance(heir).preempt_delay_s:
        wait = Spread(down_s - every_s + delay_s, (every_s,))
        why += f"; preempt_delay has {heir} accept that for {delay_s:g} s more"
    cited += _of_wait(router, heir, owner)
    return Migration(heirs, when + noticed, wait, AT_ONCE, why, cited, when)


def _decisive(
    router: Router, owner: str, after: Standing, seen: list[tuple[Script, Spread]]
) -> tuple[set[str], tuple[Script, Spread] | None]:
    """Return the scripts that have failed once the VIP can go, and the last of them with its time in bounds."""
    strongest = max((strength(router, n, after) or 0 for n in after.alive if n != owner), default=0)

    def until_it_goes(key: Callable[[tuple[Script, Spread]], float]) -> tuple[set[str], tuple[Script, Spread] | None]:
        failed: set[str] = set()
        for one in sorted(seen, key=key):
            failed.add(one[0].name)
            left = router.priority(owner, failed)
            if left is None or left < strongest:
                return failed, one
        return failed, None

    failed, early = until_it_goes(lambda one: one[1].bounds.min)
    _, late = until_it_goes(lambda one: one[1].bounds.max)
    if early is None or late is None or early == late:
        return failed, early
    first_s, last_s = early[1].bounds.min, late[1].bounds.max
    return failed, (late[0], Spread(first_s, (last_s - first_s,)))


def _blind(router: Router, failure: Failure, scripts: list[Script]) -> Stays:
    """Return why nothing on the owner notices the failure."""
    node = failure.node
    if not scripts:
        told_ = f"no script is tracked on {node}: nothing notices"
        return Stays(told_, of_instance(router.instance(node), "priority"))
    if failure.kind not in (Kind.PROXY_DEAD, Kind.PROXY_HUNG) and router.profile.balanced:
        return Stays(f"the VIP stays: {router.profile.front} is to send elsewhere", wrong=False)
    seen = "; ".join(f"{s.name} {told(router, node, s)}" for s in scripts)
    cited = tuple(setting for s in scripts for setting in of_script(s, "script"))
    return Stays(f"{node} keeps the VIP: {seen}", cited)


def _outbid(router: Router, after: Standing, owner: str, left: int, cited: tuple[Setting, ...]) -> Stays:
    """Return why nobody takes the VIP from an owner that has lowered its priority."""
    others = {node: strength(router, node, after) or 0 for node in after.alive if node != owner}
    if not others:
        return Stays("no other node is left", cited)
    strongest = max(others, key=lambda node: others[node])
    cited += of_instance(router.instance(owner), "priority") + of_instance(router.instance(strongest), "priority")
    if others[strongest] > left:
        why = f"{strongest} has {others[strongest]}, more than {owner}'s {left}, but nopreempt has it accept that"
        return Stays(why, cited + of_instance(router.instance(strongest), "nopreempt"))
    told_ = f"it still advertises {left}, and the best of the others, {strongest}, has {others[strongest]}"
    return Stays(f"{owner} keeps the VIP: {told_}", cited)


def _strongest(router: Router, after: Standing, owner: str, above: int | None = None) -> tuple[tuple[str, ...], int]:
    """Return the strongest nodes that can take over, the highest address first where they are equal, and the priority.

    `above` is what a living owner still advertises: a backup discards it only if it is strictly stronger and preempts.
    """
    standing = {node: strength(router, node, after) for node in after.alive if node != owner}
    able = {
        node: priority
        for node, priority in standing.items()
        if priority is not None and (above is None or (router.instance(node).preempts and priority > above))
    }
    addresses = router.profile.facts.nodes
    best = max(able.values(), default=0)
    return tuple(sorted((n for n in able if able[n] == best), key=lambda node: -int(addresses[node]))), best


def _of_wait(router: Router, heir: str, owner: str) -> tuple[Setting, ...]:
    return of_instance(router.instance(owner), "advert_int") + of_instance(router.instance(heir), "priority")


def _either(nodes: tuple[str, ...]) -> str:
    return " or ".join(sorted(nodes))
