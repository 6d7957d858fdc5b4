"""What is predicted from healing on: when the VIP is back, the backends are in, and nothing fails any more."""

from __future__ import annotations

from collections.abc import Mapping

from harness.chain import rest
from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.chain.sight import asks
from harness.clock import Bounds
from harness.predict.backends import evictions
from harness.predict.failback import failback, restarted, serves_s
from harness.predict.interval import Predicted, untold, within


def comeback(chain: Chain, failure: Failure, afterwards: Standing, healing: Standing) -> dict[str, Predicted]:
    """Return when the VIP is back; without a quorum checks that ask fail everywhere, and who is stronger is open."""
    lost = not (afterwards.quorum(chain.masters) and healing.quorum(chain.masters)) and any(
        asks(chain.sight(failure.node, script)) for script in chain.watches(failure.node)
    )
    back = failback(chain, failure, healing, serves_s(chain, Kind.NODE_CRASH if lost else failure.kind, lost).max)
    own = rest.advertised(chain)
    if lost and healing.owner and own[failure.node] <= own[healing.owner]:
        return {}
    return {"failback_s": back} if back else {}


def recovery(
    chain: Chain,
    failure: Failure,
    measures: Mapping[str, Predicted],
    evictions: Mapping[tuple[str, str], Mapping[str, Predicted]],
) -> Predicted:
    """Return healing → the last request fails: the VIP is back, the backends are in, etcd is whole.

    At any time where no file tells when a backend is in again.
    """
    ends = [serves_s(chain, failure.kind).max]
    rows = [row.get("readmission_s") for row in evictions.values()]
    for one in (measures.get("failback_s"), measures.get("healing_blackout_s"), *rows):
        if one is not None and one.bounds is not None:
            ends.append(one.bounds.max)
    outs = (row.get("eviction_s") for row in evictions.values() if "readmission_s" not in row)
    if on := next((one.depends for one in outs if one and one.depends), ""):
        return untold(on)
    return within(0.0, max(ends))


def alone_s(chain: Chain, failure: Failure) -> float:
    """Return how long after healing nobody may serve yet, where no other node has taken the VIP meanwhile."""
    ready = serves_s(chain, failure.kind, False)
    if not failure.kind.silences and failure.kind is not Kind.KEEPALIVED_STOPPED:
        return ready.max
    back = restarted(chain, failure.node, Bounds(0.0, ready.max)).bounds
    return back.max if back else ready.max


def back_s(chain: Chain, failure: Failure, standing: Standing) -> float:
    """Return how long after healing a haproxy may take to put the backend back."""
    rows = evictions(chain, failure, standing).values()
    found = [row["readmission_s"].bounds for row in rows if "readmission_s" in row]
    return max((bounds.max for bounds in found if bounds), default=serves_s(chain, failure.kind, False).max)
