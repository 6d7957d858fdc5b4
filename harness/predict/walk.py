"""A scenario's steps walked in thought: which node each fault hits as things then stand, and what comes of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from harness.chain.chain import Chain
from harness.chain.failure import Standing, of_effect
from harness.chain.rest import at_rest
from harness.predict.predict import predict
from harness.predict.prediction import Prediction
from harness.select import EtcdLeader, Seen, meant
from harness.steps import Heal, Inject

UNTOLD = "whoever leads etcd"  # no file tells who that is


@dataclasses.dataclass(frozen=True)
class PredictedFault:
    """A fault of a scenario and where it hits; `prediction` None where the model does not know either.

    `beside` is the fault in force that the model does not know, and so what another does beside it.
    """

    fault: str
    node: str
    prediction: Prediction | None
    beside: str = ""


def walk(chain: Chain, steps: Sequence[Any]) -> list[PredictedFault]:
    """Return what is predicted of every fault of a scenario, each in the situation that those before it have left."""
    found: list[PredictedFault] = []
    standing, unhealed, unknown = at_rest(chain), 0, ""
    for step in steps:
        if isinstance(step, Inject):
            effect = step.fault.effect
            told = " ".join((type(step.fault).__name__, *effect.processes))
            if isinstance(step.fault.on, EtcdLeader):
                found.append(PredictedFault(told, UNTOLD, None, unknown))
                unknown = unknown or told
                continue
            node = meant(step.fault, _seen(chain, standing))
            if node is None:
                continue
            failure = of_effect(effect, node)
            prediction = predict(chain, failure, standing) if failure and not unknown else None
            found.append(PredictedFault(told, node, prediction, unknown))
            standing = prediction.afterwards if prediction else standing
            unknown = unknown or ("" if prediction else told)
        elif isinstance(step, Heal):
            found[unhealed:] = [_healed(chain, one, standing) for one in found[unhealed:]]
            standing, unhealed, unknown = at_rest(chain), len(found), ""
    return found


def _seen(chain: Chain, standing: Standing) -> Seen:
    """Return how things stand as a scenario's selectors ask."""
    lbs, masters = ([n for n in group if n in standing.alive] for group in (chain.nodes, chain.masters))
    return Seen(standing.owner, standing.alive, lbs, masters)


def _healed(chain: Chain, one: PredictedFault, healing: Standing) -> PredictedFault:
    if one.prediction is None:
        return one
    before = one.prediction
    return dataclasses.replace(one, prediction=predict(chain, before.failure, before.standing, healing))
