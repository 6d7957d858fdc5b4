"""A VIP that is of no use where it goes: it goes back while all is broken, nothing listens there, or two have it."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from harness.chain.chain import Chain
from harness.chain.failure import LEFT_BEHIND, Failure, Standing
from harness.chain.rest import strength
from harness.clock import Bounds
from harness.predict.failback import RESTARTS
from harness.predict.interval import Predicted, lasting, within
from harness.predict.prediction import Prediction

DARK = ("blackout_s", "connect_blackout_s", "healing_blackout_s")
OF_SERVED = ("first_answer_s", "write_gap_s", "client_fresh_s", "client_kept_s", "client_watch_s", "watch_stall_s")
_RETURNS = ("failback_s", "recovery_s")


def relapse(chain: Chain, failure: Failure, after: Standing) -> str:
    """Return why the node that failed takes the VIP back from its new owner at once, "" where it does not."""
    node, holder = failure.node, after.owner
    if holder is None or holder == node or node not in chain.nodes or failure.kind in (*RESTARTS, *LEFT_BEHIND):
        return ""
    if failure.kind.silences or not chain.instance(node).preempts:
        return ""
    own, theirs = strength(chain, node, after), strength(chain, holder, after)
    if own is None or theirs is None or own <= theirs:
        return ""
    return f"without the VIP {node}'s checks pass again: it takes the VIP back from {holder}, and loses it again"


def to_and_fro(found: Prediction, why: str) -> Prediction:
    """Return what is left to predict where the VIP goes back: when it goes first, and how long that takes."""
    dark = {name: one for name, one in found.measures.items() if name in DARK and one.bounds}
    left = {name: one for name, one in found.measures.items() if name not in (*_RETURNS, *dark)}
    open_ = {name: Predicted(Bounds(one.bounds.min, inf), None, why) for name, one in dark.items() if one.bounds}
    return replace(found, measures=left | open_, clients={})


def deserted(found: Prediction, why: str) -> Prediction:
    """Return what is left where the VIP moves to a node on which nothing listens: dark until it is healed."""
    dark = {name: lasting(why) for name in ("blackout_s", "connect_blackout_s") if name in found.measures}
    left = {name: one for name, one in found.measures.items() if name not in OF_SERVED}
    return replace(found, measures=left | dark, clients={})


def twofold(found: Prediction, why: str) -> Prediction:
    """Return what is left where two nodes have the VIP from the first: whom clients reach nobody can tell."""
    left = {name: within(0.0, inf, depends=why) for name in ("vip_migration_s", "blackout_s")}
    return replace(found, measures=left, depends=why, clients={})
