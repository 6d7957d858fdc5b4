"""For how long a watch through the VIP is believed in that gets no news any more.

Nobody tells its client: it writes nothing, and a proxy that lives answers its keepalives. An apiserver without its etcd
keeps it, too, as its watch cache does. The proxy ends a session that
is idle for `timeout client` or `timeout server`, in mode tcp for `timeout tunnel` where that is set (haproxy's manual,
4.2), and with `on-marked-down shutdown-sessions` all of a server's with its eviction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isinf

from harness.chain import idle
from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.predict.clients import NEWS_S
from harness.predict.etcd import WORST_S
from harness.predict.interval import Predicted, within
from harness.predict.migration import Migration, Stays
from harness.predict.multiplexed import Rows
from harness.profile.haproxy import Server
from harness.profile.nginx import Upstream


def silent(
    chain: Chain, failure: Failure, standing: Standing, move: Migration | Stays, evictions: Rows
) -> dict[str, Predicted]:
    """Return how long a watch is silent before it ends, by whose apiserver brings it news, where the VIP stays.

    Nothing where nobody can tell, among others of any watch where the VIP moves.
    """
    owner, kind = standing.owner, failure.kind
    proxies: Mapping[str, Sequence[Server | Upstream]] = {**chain.profile.servers, **chain.profile.upstreams}
    if owner not in proxies or isinstance(move, Migration) or kind is Kind.NODE_STOP:
        return {}
    if owner is None or failure.node == owner:
        return {}
    goes_on = within(0.0, 0.0)
    if failure.node in chain.masters and (kind is Kind.ETCD_DEAD or kind.silences):
        goes_on = within(0.0, WORST_S, "if it led etcd, its last acknowledged write is told once another leads")
    found = {node: goes_on for node in chain.masters if node in standing.alive}
    mine = [s for s in proxies[owner] if chain.profile.stands_for(owner, s) == failure.node]
    newsless = (kind.takes_backend and kind is not Kind.APISERVER_ERRORS) or kind is Kind.ETCD_DEAD
    if failure.node not in found or not newsless:
        return found
    if kind is Kind.APISERVER_DEAD:
        return found | {failure.node: within(0.0, 0.0, "ends at once: its apiserver's kernel resets it")}
    del found[failure.node]
    if len(mine) == 1:
        found[failure.node] = _until_it_is_cut(chain, owner, mine[0], evictions)
    return found


def _until_it_is_cut(chain: Chain, owner: str, server: Server | Upstream, evictions: Rows) -> Predicted:
    if isinstance(server, Upstream):
        idle_s = server.timeout_idle_s
        return within(idle_s - NEWS_S, idle_s, "until nginx cuts it as idle, by proxy_timeout")
    idle_s, told = idle.session(server, chain.profile.timeout_client_s.get(owner, inf))
    out = evictions.get((owner, server.name), {}).get("eviction_s")
    if server.on_marked_down_shutdown and out and out.bounds:
        least_s, most_s = min(out.bounds.min, idle_s), min(out.bounds.max, idle_s)
        why = "cut by its haproxy as it takes the backend out" if most_s < idle_s else f"or after {told}"
        return within(max(0.0, least_s - NEWS_S), most_s, why)
    if isinf(idle_s):
        return within(0.0, inf, f"nothing ends it: {told}")
    return within(idle_s - NEWS_S, idle_s, f"until haproxy cuts it as idle, by {told}")
