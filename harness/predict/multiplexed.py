"""For how long a client is dark that has all of its requests on one HTTP/2 connection, as client-go's have.

A reset tells it; or a ping, PING_S after READ_IDLE_S without a word (k8s.io/apimachinery/pkg/util/net/http.go); or its
haproxy, which cuts what it had sent to a backend that it marks down, where it is told to. What the client has sent and
nobody has acknowledged is sent again after 0.2, 0.6, 1.4, 3, 6.2 ... s, and a new owner of the VIP resets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from harness.chain.chain import Chain
from harness.chain.failure import LEFT_BEHIND, Failure, Kind, Standing
from harness.clock import Bounds
from harness.predict.clients import RESENT_S, RESETS
from harness.predict.interval import Predicted, lasting, within
from harness.predict.migration import Migration, Stays

READ_IDLE_S, PING_S = 30.0, 15.0
PERIOD_S = 0.5  # the lab's clients ask so far apart: what ends a connection is met, and the next one dialled, with that
_PINGED = Bounds(READ_IDLE_S + PING_S - PERIOD_S, READ_IDLE_S + PING_S + PERIOD_S)
_WHY_PINGED = f"nothing tells it but a ping: sent after {READ_IDLE_S:g} s without a word, given up after {PING_S:g} s"

PROMPT_S = 1.0  # what is answered within it was not dark: harness.analysis.multiplexed
Rows = Mapping[tuple[str, str], Mapping[str, Predicted]]


def dark(
    chain: Chain, failure: Failure, standing: Standing, move: Migration | Stays, darkens: bool, evictions: Rows
) -> dict[str, Predicted]:
    """Return how long a client has no answer, by whose apiserver answered it; nothing where nobody can tell."""
    masters = [node for node in chain.masters if node in standing.alive]
    if not chain.profile.balanced:  # the VIP leads to its owner's own apiserver
        masters = [node for node in masters if node == standing.owner]
    if failure.kind in (*LEFT_BEHIND, Kind.NODE_STOP) or not _by_connections(chain, standing.owner):
        return {}
    if darkens:
        return dict.fromkeys(masters, _of_the_owner(failure.kind, move, evictions))
    found = {}
    for node in masters:
        behind = _behind(chain, failure, standing, evictions) if node == failure.node else within(0.0, 0.0)
        found[node] = _moved(behind, move) if isinstance(move, Migration) else behind
    return found


def on_the_owner(chain: Chain, failure: Failure, standing: Standing, move: Migration | Stays) -> dict[str, Predicted]:
    """Return how long a client on the VIP's owner is dark whose proxy lives on where the VIP is taken away.

    The VIP was its source address, too. Nobody resets it: what it goes on to send reaches the new owner from that one's
    own address, and a kernel drops that as a martian. Nothing where its connection ends with what failed, nor where it
    came from another address: then it is met as anybody is.
    """
    owner, kind = standing.owner, failure.kind
    if owner is None or isinstance(move, Stays) or chain.second(owner):
        return {}
    ends = kind is Kind.PROXY_DEAD or (kind.ends and kind.takes_backend and not chain.profile.balanced)
    if failure.node == owner and (kind.silences or kind in LEFT_BEHIND or ends):
        return {}
    why = f"the VIP was its own address, too, and nobody resets it: {_WHY_PINGED}"
    return {owner: within(_PINGED.min, move.total.bounds.max + _PINGED.max, why)}


def _by_connections(chain: Chain, owner: str | None) -> bool:
    """Say whether a connection of a client is one connection to a backend, and stays that."""
    return owner is not None and all(server.mode == "tcp" for server in chain.profile.servers.get(owner, []))


def _redialled_s(at_s: float, move: Migration, evictions: Rows) -> float:
    """Return when a client that dials from a moment on has an answer at the latest.

    Its haproxy may send it to a dead backend, until it takes that out; and each request after it dials anew.
    """
    rows = [row for (node, _), row in evictions.items() if node in move.heirs]
    most = {name: [row[name].bounds for row in rows if name in row] for name in ("misrouted_s", "eviction_s")}
    misrouted_s = max((bounds.max for bounds in most["misrouted_s"] if bounds), default=0.0)
    out_s = max((bounds.max if bounds else inf for bounds in most["eviction_s"]), default=0.0)
    return min(at_s + misrouted_s, max(at_s, out_s) + PERIOD_S)


def _of_the_owner(kind: Kind, move: Migration | Stays, evictions: Rows) -> Predicted:
    """Return how long a client of an owner is dark that no longer serves."""
    if isinstance(move, Stays):
        return lasting(move.why, move.settings)
    low, high = move.total.bounds.min, move.total.bounds.max
    low = low if low >= PROMPT_S else 0.0
    if kind in RESETS:
        return within(low, high + PERIOD_S, "reset at once, and refused until the VIP has moved")
    if kind.hangs:
        return within(low, high + 2 * PERIOD_S, "what it sends is taken by the old kernel, then reset by the new owner")
    worst_s = _redialled_s(min(PERIOD_S + _resent(high) + PERIOD_S, _PINGED.max), move, evictions)
    return within(
        low, worst_s, "reset by the new owner, when what it had sent is sent again after 0.2, 0.6, 1.4, 3 ... s"
    )


def _behind(chain: Chain, failure: Failure, standing: Standing, evictions: Rows) -> Predicted:
    """Return how long a client is dark whose backend has failed behind an owner that serves."""
    kind, owner = failure.kind, standing.owner
    if not kind.takes_backend or kind is Kind.APISERVER_ERRORS:
        return within(0.0, 0.0)
    group = chain.profile.servers.get(owner or "", [])
    mine = [s for s in group if chain.profile.stands_for(owner or "", s) == failure.node]
    rows = [(server, evictions.get((owner or "", server.name), {})) for server in mine]
    evicted = [(server, row["eviction_s"].bounds) for server, row in rows if "eviction_s" in row]
    if kind is Kind.APISERVER_DEAD:
        worst_s = max((bounds.max for _, bounds in evicted if bounds), default=0.0)
        return within(0.0, worst_s + 2 * PERIOD_S, "reset at once; longer where it is sent to the dead backend again")
    cut = [bounds for server, bounds in evicted if bounds and server.on_marked_down_shutdown]
    if cut and cut[0].max + PERIOD_S < _PINGED.min:
        return within(cut[0].min, cut[0].max + 2 * PERIOD_S, "cut by its haproxy as it takes the backend out")
    if cut:
        return within(min(cut[0].min, _PINGED.min), _PINGED.max, "cut by its haproxy with the eviction, or by its ping")
    return within(_PINGED.min, _PINGED.max, _WHY_PINGED)


def _moved(behind: Predicted, move: Migration) -> Predicted:
    """Return the same where the VIP moves meanwhile: the new owner resets what the client sends next."""
    low, high = move.total.bounds.min, move.total.bounds.max + 2 * PERIOD_S
    if behind.bounds is None or behind.bounds.max == 0.0:
        return within(0.0, _resent(move.gap.bounds.max) + 2 * PERIOD_S, "reset by the new owner")
    return within(min(behind.bounds.min, low), min(behind.bounds.max, _resent(high) + PERIOD_S), behind.why)


def _resent(at_s: float) -> float:
    """Return when what is lost is sent again for the first time from a moment on."""
    return next((float(wait) for wait in RESENT_S if wait >= at_s), float(RESENT_S[-1]))
