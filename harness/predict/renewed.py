"""When a watch that broke has news again: its client dials anew once it knows, and until a stream stands."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.clock import Bounds
from harness.predict.clients import DIALLED_S, RESETS
from harness.predict.interval import Predicted, lasting, within
from harness.predict.migration import Migration, Stays
from harness.predict.multiplexed import Rows

AGAIN_S = 0.5  # the lab's watchers wait so long before they dial, and before they dial anew
STANDS_S = 0.25  # TCP, TLS and the head of an answer: 0.02–0.05 s in a lab


def renewed(
    chain: Chain,
    failure: Failure,
    standing: Standing,
    move: Migration | Stays,
    darkens: bool,
    evictions: Rows,
    ended: tuple[Mapping[str, Predicted], Predicted | None],
) -> dict[str, Predicted]:
    """Return how long a watch has no news, by whose apiserver brought it; nothing where nobody can tell.

    `ended` is how long a watch is believed in: by whose apiserver where the VIP stays, and any where it moves.
    """
    kind, alive = failure.kind, [node for node in chain.masters if node in standing.alive]
    if any(one.kind.takes_backend for one in standing.broken):
        return {}  # whether that one is evicted by now, and whom it costs another try, is not in `standing`
    if isinstance(move, Stays) and darkens:
        return {} if kind.hangs or kind.resumes else dict.fromkeys(alive, lasting(move.why, move.settings))
    if isinstance(move, Stays):
        broken = {node: one.bounds for node, one in ended[0].items() if node == failure.node and one.bounds}
        return {node: _again(bounds, (standing.owner or "",), evictions) for node, bounds in broken.items()}
    if not darkens or kind.hangs or kind.resumes:
        return {}
    over = ended[1].bounds if ended[1] and kind in (Kind.NODE_CRASH, Kind.NODE_STOP) else None
    if kind in RESETS:  # what is dialled while nobody has the VIP is sent again
        gap_s = move.gap.bounds.max
        sent_again_s = next((wait for wait in DIALLED_S if wait >= gap_s), inf) if gap_s else 0.0
        # A node that is shut down may give up the VIP before its proxy closes: then no reset finds its way out.
        over = Bounds(move.total.bounds.min, max(move.total.bounds.max + sent_again_s, over.max if over else 0.0))
    if over is None:
        return {}
    return dict.fromkeys(alive, _again(over, move.heirs, evictions))


def _again(over: Bounds, owners: tuple[str, ...], evictions: Rows) -> Predicted:
    """Return when a stream stands again whose client dials from the end of `over` on, by way of these owners."""
    rows = [row for (node, _), row in evictions.items() if node in owners and "misrouted_s" in row]
    misrouted_s = max((bounds.max for row in rows if (bounds := row["misrouted_s"].bounds)), default=0.0)
    out_s = max(
        (bounds.max if (bounds := row["eviction_s"].bounds) else inf for row in rows if "eviction_s" in row),
        default=inf,
    )
    why, again_s = "its client dials again", AGAIN_S + STANDS_S
    if rows and over.max < out_s and misrouted_s:
        sent = f"{why}; longer where it is sent to the dead backend"
        return within(over.min, out_s + misrouted_s + again_s, sent)
    return within(over.min, over.max + again_s, why)
