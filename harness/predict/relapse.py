"""A VIP that goes back to who lost it while that is still broken, and so on until somebody mends it."""

from __future__ import annotations

from math import inf

from harness.chain.chain import Chain
from harness.chain.failure import Failure, Standing
from harness.chain.rest import strength
from harness.clock import Bounds
from harness.predict.failback import RESTARTS
from harness.predict.interval import Predicted

DARK = ("blackout_s", "connect_blackout_s", "healing_blackout_s")
_RETURNS = ("failback_s", "recovery_s")


def relapse(chain: Chain, failure: Failure, after: Standing) -> str:
    """Return why the node that failed takes the VIP back from its new owner at once, "" where it does not."""
    node, holder = failure.node, after.owner
    if holder is None or holder == node or node not in chain.nodes or failure.kind in RESTARTS:
        return ""
    if failure.kind.silences or not chain.instance(node).preempts:
        return ""
    own, theirs = strength(chain, node, after), strength(chain, holder, after)
    if own is None or theirs is None or own <= theirs:
        return ""
    return f"without the VIP {node}'s checks pass again: it takes the VIP back from {holder}, and loses it again"


def unsettled(measures: dict[str, Predicted], why: str) -> dict[str, Predicted]:
    """Return what is left to predict where the VIP goes to and fro: when it goes first, and how long that takes."""
    open_ = {
        name: Predicted(Bounds(one.bounds.min, inf), None, why)
        for name, one in measures.items()
        if name in DARK and one.bounds
    }
    return {name: one for name, one in measures.items() if name not in _RETURNS} | open_
