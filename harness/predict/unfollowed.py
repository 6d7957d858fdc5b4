"""What is left of a prediction where something has a say in who is served that nobody follows."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from harness.chain.chain import Chain
from harness.chain.meddling import meddling
from harness.predict.interval import within
from harness.predict.migration import Migration
from harness.predict.prediction import Prediction
from harness.predict.unsettled import DARK

SERVED = ("first_answer_s", "client_fresh_s", "client_kept_s", "client_watch_s", "watch_stall_s")


def opened(found: Prediction, on: str) -> Prediction:
    """Return a prediction that claims nothing of when anybody is served; `on` is what that depends on."""
    names = (*DARK, *SERVED, "recovery_s")
    left = {name: within(0.0, inf, f"depends {on}", depends=on) for name in names if name in found.measures}
    return replace(found, measures=found.measures | left, clients={})


def notified(chain: Chain, found: Prediction) -> Prediction:
    """Return what is left where a script may start or stop what serves as the VIP comes."""
    heirs = found.move.heirs if isinstance(found.move, Migration) else ()
    call = next((one for node in heirs if (one := meddling(chain.profile, node, "MASTER"))), None)
    if call is None or found.unserved:
        return found
    return opened(found, f"on what `{call.command}` does as the VIP comes ({call.where})")
