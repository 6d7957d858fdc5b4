"""When the VIP returns to the node that lost it, counted from healing."""

from __future__ import annotations

from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.chain.outcome import failed
from harness.chain.rest import failing, strength
from harness.chain.setting import Setting, of_instance, of_watch
from harness.chain.watch import HEARD_S, Watch
from harness.clock import Bounds
from harness.predict.interval import Predicted, never, spread, within
from harness.predict.spread import Spread

# Healing or power on → the daemon runs and listens. Of the lab, not of the profile: 0.1–0.7 s were seen.
STARTED_S = 2.0
# Power on → etcd has rejoined and the apiserver answers; etcd waits up to two of its elections.
BOOT_S = 8.0
RESTARTS = (Kind.NODE_CRASH, Kind.NODE_STOP, Kind.KEEPALIVED_KILLED, Kind.KEEPALIVED_STOPPED)


def failback(chain: Chain, failure: Failure, standing: Standing, serves_s: float) -> Predicted | None:
    """Return what is predicted of the VIP's return once `failure` is healed; None where it did not leave.

    `standing` is how things stand when healing begins, and who holds the VIP then; `serves_s` after how many seconds
    at most what a check asks serves again.
    """
    node, holder = failure.node, standing.owner
    if holder is None or holder == node or node not in chain.nodes:
        return None
    if failure.kind.resumes:
        return _unaware(chain, node, holder, standing)
    own, theirs = chain.best(node), strength(chain, holder, standing) or 0
    cited = of_instance(chain.instance(node), "priority")
    if not chain.instance(node).preempts:
        return never(f"nopreempt: {node} leaves the VIP where it is", of_instance(chain.instance(node), "nopreempt"))
    if own <= theirs:
        return never(f"{node} has {own}, not more than {holder}'s {theirs}", cited)
    if held := chain.held(node, holder, failing(chain, holder, standing), ()):
        return never(f"{held[0]} of its sync group has no more than {holder}'s {held[1]}: all stay", cited)
    instance = chain.backup(node, holder)
    down_s, every_s = chain.down_s(node, holder, own), instance.advert_int_s
    if failure.kind in RESTARTS:
        return restarted(chain, node, Bounds(0.0, serves_s), down_s, cited)
    before = standing if failure in standing.broken else standing.after(failure, holder)
    runs = [(script, seen) for script in chain.watches(node) if (seen := failed(chain, node, script, before))]
    if any(seen.stops for _, seen in runs):
        return never(f"{node}'s check has had keepalived stopped, and nothing here starts it again")
    scripts = [script for script, _ in runs]
    if not scripts:
        return None
    return _passes_again(chain, node, scripts, down_s, every_s, cited)


def _unaware(chain: Chain, node: str, holder: str, standing: Standing) -> Predicted:
    """It has never stopped to be MASTER, and its advert is overdue: whoever is weaker gives way, preemption or not.

    vrrp_state_master_rx in vrrp.c of keepalived 2.2.7: a higher priority wins, then a higher address.
    """
    addresses = chain.profile.facts.nodes
    own, theirs = chain.best(node), strength(chain, holder, standing) or 0
    cited = of_instance(chain.instance(node), "priority") + of_instance(chain.instance(holder), "priority")
    if (own, int(addresses[node])) > (theirs, int(addresses[holder])):
        return within(0.0, 0.0, f"{node} has kept it, and its first advert has {holder} give way", cited)
    return never(f"{node} has {own}, {holder} {theirs}: it gives way to the first advert that it hears", cited)


def restarted(
    chain: Chain, node: str, ready_s: Bounds, down_s: float | None = None, cited: tuple[Setting, ...] = ()
) -> Predicted:
    """keepalived starts as BACKUP, whatever `state` says, and waits; where its base is too low it needs its check.

    `down_s` is how long it waits for an owner's advert, its own where there is no owner. A script's first success
    counts at once, but one that failed first, as haproxy was not up yet, needs `rise`.
    """
    if down_s is None:
        down_s = chain.down_s(node, node, chain.best(node))
    scripts = [watch for watch in chain.watches(node) if not watch.hears]
    checked_s = max((s.rise * s.interval_s for s in scripts), default=0.0)
    delay_s = chain.instance(node).preempt_delay_s
    every_s = chain.instance(node).advert_int_s
    why = f"from power on; waits {down_s:.3f} s"
    if checked_s:
        why += f", and up to {checked_s:g} s more where its check fails once first"
    cited += of_instance(chain.instance(node), "advert_int")
    cited += tuple(setting for script in scripts for setting in of_watch(script, "interval", "rise"))
    least_s = ready_s.min + down_s + max(0.0, delay_s - every_s)
    most_s = ready_s.max + checked_s + down_s + (delay_s + every_s if delay_s else 0.0)
    return within(least_s, most_s, why, cited)


def _passes_again(
    chain: Chain, node: str, scripts: list[Watch], down_s: float, every_s: float, cited: tuple[Setting, ...]
) -> Predicted:
    """The scripts pass `rise` times; out of FAULT the whole wait begins, else it began with the last advert heard."""
    slowest = max(scripts, key=lambda s: s.rise * s.interval_s)
    passed = Spread((slowest.rise - 1) * slowest.interval_s, (slowest.interval_s,))
    if slowest.hears:
        passed = Spread(slowest.found_s, (HEARD_S,))
    if any(script.weight == 0 for script in scripts):
        wait, why = Spread(down_s), f"{slowest.name} passes again, then {node} waits {down_s:.3f} s"
    elif delay_s := chain.instance(node).preempt_delay_s:
        wait = Spread(down_s + delay_s - every_s, (every_s, every_s))
        why = f"{slowest.name} passes again, then preempt_delay, then {down_s:.3f} s from the last advert accepted"
    else:
        wait = Spread(down_s - every_s, (every_s,))
        why = f"{slowest.name} passes again, then {node} waits {down_s:.3f} s from the last advert it accepted"
    cited += of_instance(chain.instance(node), "advert_int") + of_watch(slowest, "interval", "rise")
    whole = passed + wait
    bounds = Bounds(whole.bounds.min, whole.bounds.max + STARTED_S)
    return Predicted(bounds, spread(whole).shares_s, why, cited)
