"""When the VIP returns to the node that lost it, counted from healing."""

from __future__ import annotations

from harness.clock import Bounds
from harness.model.expected import Expected, never, spread, within
from harness.model.failure import Failure, Kind, Standing
from harness.model.migration import strength
from harness.model.setting import Setting, of_instance, of_script
from harness.model.sight import fails_after_s
from harness.model.spread import Spread
from harness.model.vrrp import Router, master_down_s
from harness.profile.keepalived import Script

# Healing or power on → the daemon runs and listens. Of the lab, not of the profile: 0.1–0.7 s were seen.
STARTED_S = 2.0
# Power on → etcd has rejoined and the apiserver answers; etcd waits up to two of its elections.
BOOT_S = 8.0
RESTARTS = (Kind.NODE_CRASH, Kind.NODE_STOP, Kind.KEEPALIVED_KILLED, Kind.KEEPALIVED_STOPPED)


def failback(router: Router, failure: Failure, standing: Standing, serves_s: float) -> Expected | None:
    """Return what is expected of the VIP's return once `failure` is healed; None where it did not leave.

    `standing` is how things stand when healing begins, and who holds the VIP then; `serves_s` after how many seconds
    at most what a check asks serves again.
    """
    node, holder = failure.node, standing.owner
    if holder is None or holder == node:
        return None
    own, theirs = router.best(node), strength(router, holder, standing) or 0
    cited = of_instance(router.instance(node), "priority")
    if not router.instance(node).preempts:
        return never(f"nopreempt: {node} leaves the VIP where it is", of_instance(router.instance(node), "nopreempt"))
    if own <= theirs:
        return never(f"{node} has {own}, not more than {holder}'s {theirs}", cited)
    instance = router.backup(node, holder)
    down_s, every_s = master_down_s(own, instance), instance.advert_int_s
    if failure.kind in RESTARTS:
        return _restarted(router, node, down_s, Bounds(0.0, serves_s), cited)
    scripts = [s for s in router.scripts(node) if fails_after_s(router, node, s, failure.kind) is not None]
    if not scripts:
        return None
    return _passes_again(router, node, scripts, down_s, every_s, cited)


def _restarted(router: Router, node: str, down_s: float, ready_s: Bounds, cited: tuple[Setting, ...]) -> Expected:
    """keepalived starts as BACKUP, whatever `state` says, and waits; where its base is too low it needs its check.

    A script's first success counts at once, but one that failed first, as haproxy was not up yet, needs `rise`.
    """
    scripts = router.scripts(node)
    checked_s = max((s.rise * s.interval_s for s in scripts), default=0.0)
    delay_s = router.instance(node).preempt_delay_s
    every_s = router.instance(node).advert_int_s
    why = f"from power on; waits {down_s:.3f} s"
    if checked_s:
        why += f", and up to {checked_s:g} s more where its check fails once first"
    cited += of_instance(router.instance(node), "advert_int")
    cited += tuple(setting for script in scripts for setting in of_script(script, "interval", "rise"))
    least_s = ready_s.min + down_s + max(0.0, delay_s - every_s)
    most_s = ready_s.max + checked_s + down_s + (delay_s + every_s if delay_s else 0.0)
    return within(least_s, most_s, why, cited)


def _passes_again(
    router: Router, node: str, scripts: list[Script], down_s: float, every_s: float, cited: tuple[Setting, ...]
) -> Expected:
    """The scripts pass `rise` times; out of FAULT the whole wait begins, else it began with the last advert heard."""
    slowest = max(scripts, key=lambda s: s.rise * s.interval_s)
    passed = Spread((slowest.rise - 1) * slowest.interval_s, (slowest.interval_s,))
    if any(script.weight == 0 for script in scripts):
        wait, why = Spread(down_s), f"{slowest.name} passes again, then {node} waits {down_s:.3f} s"
    elif delay_s := router.instance(node).preempt_delay_s:
        wait = Spread(down_s + delay_s - every_s, (every_s, every_s))
        why = f"{slowest.name} passes again, then preempt_delay, then {down_s:.3f} s from the last advert accepted"
    else:
        wait = Spread(down_s - every_s, (every_s,))
        why = f"{slowest.name} passes again, then {node} waits {down_s:.3f} s from the last advert it accepted"
    cited += of_instance(router.instance(node), "advert_int") + of_script(slowest, "interval", "rise")
    whole = passed + wait
    bounds = Bounds(whole.bounds.min, whole.bounds.max + STARTED_S)
    return Expected(bounds, spread(whole).shares_s, why, cited)
