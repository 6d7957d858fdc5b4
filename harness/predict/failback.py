"""When the VIP returns to the node that lost it, counted from healing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.chain.outcome import failed, unclear
from harness.chain.rest import advertised, failing, strength
from harness.chain.setting import Setting, of_instance, of_watch
from harness.chain.watch import HEARD_S, Watch
from harness.clock import Bounds
from harness.predict.interval import Predicted, never, spread, within
from harness.predict.spread import Spread

# Healing or power on → the daemon runs and listens. Of the lab, not of the profile: 0.1–0.7 s were seen.
STARTED_S = 2.0
# Power on → etcd has rejoined and the apiserver answers; etcd waits up to two of its elections.
BOOT_S = 8.0
REBOOTS = (Kind.NODE_CRASH, Kind.NODE_STOP, Kind.APISERVER_DEAD)
RESTARTS = (Kind.NODE_CRASH, Kind.NODE_STOP, Kind.KEEPALIVED_KILLED, Kind.KEEPALIVED_STOPPED)


def failback(chain: Chain, failure: Failure, standing: Standing, served_s: float) -> Predicted | None:
    """Return what is predicted of the VIP's return once `failure` is healed; None where it did not leave.

    `standing` is how things stand when healing begins, and who holds the VIP then; `served_s` after how many seconds
    at most what a check asks serves again.
    """
    node, holder = failure.node, standing.owner
    if holder is None or holder == node or node not in chain.nodes:
        return None
    if failure.kind.unaware:
        return _unaware(chain, node, holder, standing, failure.kind.resumes)
    own, theirs = advertised(chain)[node], strength(chain, holder, standing) or 0
    cited = of_instance(chain.instance(node), "priority")
    if not chain.instance(node).preempts:
        return never(f"nopreempt: {node} leaves the VIP where it is", of_instance(chain.instance(node), "nopreempt"))
    if own <= theirs:
        return never(f"{node} has {own}, not more than {holder}'s {theirs}", cited)
    if held := chain.held(node, holder, failing(chain, holder, standing), ()):
        return never(f"{held[0]} of its sync group has no more than {holder}'s {held[1]}: all stay", cited)
    before = standing if failure in standing.broken else standing.after(failure, holder)
    if open_ := _unclear(chain, node, failure, before):
        return within(0.0, inf, depends=f"on whether {node}'s checks then pass: {open_}")
    if failure.kind in RESTARTS:
        return restarted(chain, node, Bounds(0.0, served_s), chain.down_s(node, holder, own), cited)
    runs = [(script, seen) for script in chain.watches(node) if (seen := failed(chain, node, script, before))]
    if any(seen.stops for _, seen in runs):
        return never(f"{node}'s check has had keepalived stopped, and nothing here starts it again")
    scripts = [script for script, _ in runs]
    if not scripts:
        return None
    return _passes_again(chain, node, holder, scripts, theirs, cited, serves_s(chain, failure.kind, False).max)


def serves_s(chain: Chain, kind: Kind, waits_for_etcd: bool = True) -> Bounds:
    """Return healing → the apiserver of what had failed so serves again, which takes etcd, or only listens."""
    boots_s = chain.profile.facts.apiserver_boot_s if kind in REBOOTS else 0.0
    return Bounds(boots_s, boots_s + (BOOT_S if kind.silences and waits_for_etcd else STARTED_S))


def _unclear(chain: Chain, node: str, failure: Failure, before: Standing) -> str:
    """Return why nobody can tell whether a node's watches pass once all is well there."""
    broken = tuple(one for one in before.broken if one != failure)
    whole = replace(before, alive=(*{*before.alive, node},), broken=broken)
    open_ = (unclear(chain, node, watch, whole) for watch in chain.watches(node))
    return "; ".join(dict.fromkeys(filter(None, open_)))


def _unaware(chain: Chain, node: str, holder: str, standing: Standing, overdue: bool) -> Predicted:
    """It has never stopped to be MASTER, and its advert is due, or overdue: whoever is weaker gives way to it at once.

    vrrp_state_master_rx in vrrp.c of keepalived 2.2.7: a higher priority wins, then a higher address.
    """
    addresses = chain.profile.facts.nodes
    own, theirs = advertised(chain)[node], strength(chain, holder, standing) or 0
    cited = of_instance(chain.instance(node), "priority") + of_instance(chain.instance(holder), "priority")
    if (own, int(addresses[node])) > (theirs, int(addresses[holder])):
        return within(
            0.0,
            0.0 if overdue else chain.instance(node).advert_int_s,
            f"{node} has kept it, and its first advert has {holder} give way",
            cited,
        )
    return never(f"{node} has {own}, {holder} {theirs}: it gives way to the first advert that it hears", cited)


def restarted(
    chain: Chain, node: str, ready_s: Bounds, down_s: float | None = None, cited: tuple[Setting, ...] = ()
) -> Predicted:
    """keepalived starts as BACKUP, whatever `state` says, and waits; where its base is too low it needs its check.

    `down_s` is how long it waits for an owner's advert, its own where there is no owner. A script's first success
    counts at once, but one that failed first, as haproxy was not up yet, needs `rise`.
    """
    if down_s is None:
        down_s = chain.down_s(node, node, advertised(chain)[node])
    scripts = [watch for watch in chain.watches(node) if not watch.hears]
    checked_s = max((s.rise * s.interval_s for s in scripts), default=0.0)
    instance = chain.instance(node)
    delay_s, every_s, idle_s = instance.preempt_delay_s, instance.advert_int_s, instance.startup_delay_s
    why = f"from power on; waits {'for vrrp_startup_delay, then ' if idle_s else ''}{down_s:.3f} s"
    if checked_s:
        why += f", and up to {checked_s:g} s more where its check fails once first"
    cited += of_instance(instance, "advert_int", *(["vrrp_startup_delay"] if idle_s else []))
    cited += tuple(setting for script in scripts for setting in of_watch(script, "interval", "rise"))
    least_s = ready_s.min + idle_s + down_s + max(0.0, delay_s - every_s)
    most_s = ready_s.max + idle_s + checked_s + down_s + (delay_s + every_s if delay_s else 0.0)
    return within(least_s, most_s, why, cited)


def _passes_again(
    chain: Chain, node: str, holder: str, scripts: list[Watch], theirs: int, cited: tuple[Setting, ...], runs_s: float
) -> Predicted:
    """The scripts pass `rise` times; out of FAULT the whole wait begins, else it began with the last advert heard.

    What they look at runs `runs_s` after healing at most.
    """
    soonest = _decisive(chain, node, scripts, theirs, lambda watch: _passed(watch).bounds.min)
    latest = _decisive(chain, node, scripts, theirs, lambda watch: _passed(watch).bounds.max)
    waits = [_waits(chain, node, holder, some) for some in (soonest, latest)]
    told = waits[1][1]
    cited += of_instance(chain.instance(node), "advert_int") + of_watch(latest[-1], "interval", "rise")
    whole = [_passed(some[-1]) + wait for some, (wait, _) in zip((soonest, latest), waits, strict=True)]
    bounds = Bounds(min(one.bounds.min for one in whole), max(one.bounds.max for one in whole) + runs_s)
    shares_s = spread(whole[1]).shares_s if soonest == latest == scripts else None
    return Predicted(bounds, shares_s, f"{latest[-1].name} passes again, then {told}", cited)


def _passed(watch: Watch) -> Spread:
    """Return when a watch passes again, from when what it looks at is back."""
    if watch.hears:
        return Spread(watch.found_s, (HEARD_S,))
    return Spread((watch.rise - 1) * watch.interval_s, (watch.interval_s,))


def _decisive(
    chain: Chain, node: str, scripts: list[Watch], theirs: int, passed_s: Callable[[Watch], float]
) -> list[Watch]:
    """Return the scripts that have passed when the node is out of FAULT and stronger, in the order in which they do."""
    ordered = sorted(scripts, key=passed_s)
    for count in range(1, len(ordered) + 1):
        failing = {watch.name for watch in ordered[count:]}
        own = chain.priority(node, failing)
        if own is not None and own > theirs:
            return ordered[:count]
    return ordered


def _waits(chain: Chain, node: str, holder: str, passed: list[Watch]) -> tuple[Spread, str]:
    """Return what passes from then on until the node has the VIP, and how that is told."""
    instance = chain.backup(node, holder)
    down_s, every_s = chain.down_s(node, holder, advertised(chain)[node]), instance.advert_int_s
    if delay_s := instance.preempt_delay_s:  # from the first advert on, out of FAULT as well
        wait = Spread(down_s + delay_s - every_s, (every_s, every_s))
        return wait, f"preempt_delay, then {down_s:.3f} s from the last advert accepted"
    if all(watch.weight == 0 for watch in passed):
        return Spread(down_s), f"{node} waits {down_s:.3f} s"
    return Spread(down_s - every_s, (every_s,)), f"{node} waits {down_s:.3f} s from the last advert it accepted"
