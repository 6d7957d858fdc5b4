"""How long a client is dark that has one connection for all, or is without news, by its kind and who serves it."""

from __future__ import annotations

from collections.abc import Mapping

from harness.chain.chain import Chain
from harness.chain.failure import Failure, Standing
from harness.predict import multiplexed, streams
from harness.predict.interval import Predicted
from harness.predict.migration import Migration, Stays
from harness.predict.multiplexed import Rows
from harness.predict.renewed import renewed

Held = dict[tuple[str, str], Predicted]  # kind and node → what is predicted


def of_clients(
    chain: Chain,
    failure: Failure,
    standing: Standing,
    move: Migration | Stays,
    met: Migration | Stays,
    darkens: bool,
    evictions: Rows,
    measures: Mapping[str, Predicted],
) -> Held:
    """Return what is predicted of clients that keep their connections; `met` is the move as clients meet it.

    Nothing where etcd has no quorum left, as errors are answers, too, until load balancers have taken out who gives
    them; nor where a load balancer that serves has no backend left.
    """
    if not standing.after(failure, None).quorum(chain.masters) or (measures["blackout_s"].lasts and not darkens):
        return {}
    watches = streams.silent(chain, failure, standing, move, evictions)
    by_kind = {
        "h2": multiplexed.dark(chain, failure, standing, met, darkens, evictions),
        "own": multiplexed.on_the_owner(chain, failure, standing, met),
        "watch": watches,
        "renewed": renewed(chain, failure, standing, met, darkens, evictions, (watches, measures.get("watch_stall_s"))),
    }
    return {(kind, node): one for kind, found in by_kind.items() for node, one in found.items()}
