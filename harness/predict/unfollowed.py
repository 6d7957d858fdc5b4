"""What is left of a prediction where something has a say in who is served that nobody follows."""

from __future__ import annotations

from dataclasses import replace

from harness.chain.chain import Chain
from harness.chain.failure import Kind, Standing
from harness.chain.meddling import meddling
from harness.chain.outcome import failed
from harness.predict.interval import untold
from harness.predict.migration import Migration
from harness.predict.prediction import Prediction
from harness.predict.unsettled import DARK

SERVED = ("first_answer_s", "client_fresh_s", "client_kept_s", "client_watch_s", "watch_stall_s")


def opened(found: Prediction, on: str) -> Prediction:
    """Return a prediction that claims nothing of when anybody is served; `on` is what that depends on."""
    names = (*DARK, *SERVED, "recovery_s")
    left = {name: untold(on) for name in names if name in found.measures}
    return replace(found, measures=found.measures | left, clients={})


def left_at_rest(chain: Chain, standing: Standing) -> tuple[Chain, str] | None:
    """Return the chain as scripts may leave it that nodes run as they become BACKUP, and on what that depends.

    What serves may not run there, so that the checks that look at it fail; None where that changes no check.
    """
    supposed, calls = set(chain.supposed), []
    for node in chain.rivals(standing.owner, standing) if chain.profile.balanced else ():
        if call := meddling(chain.profile, node, "BACKUP"):
            without = standing.after(chain.fails(Kind.PROXY_DEAD, node), standing.owner)
            failing = {(node, watch.name) for watch in chain.watches(node) if failed(chain, node, watch, without)}
            calls += [call] if failing - supposed else []
            supposed |= failing
    if not calls:
        return None
    return replace(chain, supposed=frozenset(supposed)), f"on what `{calls[0].command}` stops ({calls[0].where})"


def notified(chain: Chain, found: Prediction) -> Prediction:
    """Return what is left where a script may start or stop what serves as the VIP comes, or once it has gone."""
    heirs = found.move.heirs if isinstance(found.move, Migration) else ()
    call = next((one for node in heirs if (one := meddling(chain.profile, node, "MASTER"))), None)
    own = meddling(chain.profile, found.standing.owner, "BACKUP") if heirs and found.standing.owner else None
    if own and "failback_s" in found.measures:
        on = f"on what `{own.command}` stops ({own.where})"
        back = untold(on)
        found = replace(found, measures=found.measures | {"failback_s": back})
    if call is None or found.unserved:
        return found
    return opened(found, f"on what `{call.command}` does as the VIP comes ({call.where})")
