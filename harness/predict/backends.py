"""What every load balancer does about a backend that fails: whom it still sends there, when it is out, and in again."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from harness.chain import elsewhere, mismatch
from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.clock import Bounds
from harness.predict import behind, etcd, eviction, misrouted, traffic
from harness.predict.failback import serves_s
from harness.predict.interval import Predicted, never, spread, untold, within
from harness.profile.haproxy import Level, Server

# What a check that passes all the same looks at.
_LOOKS = {
    Level.TCP: "looks only whether a connection comes about",
    Level.TLS: "looks only whether TLS is answered",
}


def evictions(chain: Chain, failure: Failure, standing: Standing) -> dict[tuple[str, str], dict[str, Predicted]]:
    """Return what every load balancer that runs does about the backend of the node that fails."""
    profile, kind = chain.profile, failure.kind
    if not kind.takes_backend and kind is not Kind.ETCD_DEAD:
        return {}
    deaf = {one.node for one in standing.broken if one.kind in (Kind.PROXY_DEAD, Kind.PROXY_HUNG)}
    found: dict[tuple[str, str], dict[str, Predicted]] = {}
    running = standing.after(failure, None).alive
    for node in (n for n in chain.nodes if n in running and n not in deaf):
        up = behind.up(chain, node, standing)
        for server in (s for s in up if profile.stands_for(node, s) == failure.node):
            found[node, server.name] = _eviction(chain, server, kind, up)
        group = [u for u in profile.upstreams.get(node, []) if profile.stands_for(node, u) in (None, *standing.alive)]
        for upstream in (u for u in group if profile.stands_for(node, u) == failure.node):
            if waits := misrouted.by_nginx(upstream, kind, group):
                found[node, upstream.name] = {"misrouted_s": waits}
    return found


def _eviction(chain: Chain, server: Server, kind: Kind, up: Sequence[Server]) -> dict[str, Predicted]:
    words = eviction.of_server(server, "inter", "fall")
    waits = misrouted.by_haproxy(server, kind, up)
    sent = {"misrouted_s": waits} if waits else {}
    if not server.checked:
        return sent | {"eviction_s": never("it is not checked", eviction.of_server(server, "check"))}
    run_s = eviction.failing_s(server, kind)
    if run_s is None and elsewhere.untold(server):
        return sent | {"eviction_s": untold(elsewhere.unsaid(server))}
    told, cited = traffic.observed(server, kind, up)
    if run_s is None and told:
        why = f"{told}; its checks pass all the same, and put it back"
        return sent | {
            "eviction_s": Predicted(Bounds(0.0, inf), None, why, cited, depends="how many clients there are")
        }
    if run_s is None:
        what = _LOOKS.get(server.check_level, "asks for no HTTP status")
        if server.layer7 and kind in (Kind.APISERVER_ERRORS, Kind.ETCD_DEAD):
            contents = mismatch.content(server, kind is Kind.ETCD_DEAD)
            if contents is None:
                return sent | {"eviction_s": untold(f"on what the checks of {server.name} find in an error")}
            what = "takes an error for an answer" if contents else "asks for what needs no etcd"
        return sent | {"eviction_s": never(f"its check passes all the same: it {what}", words)}
    if server.fastinter_s != server.inter_s:
        words += eviction.of_server(server, "fastinter")
    serves = serves_s(chain, kind, server.layer7)
    back = eviction.readmitted(server, kind, serves)
    why = f"each failing check takes {run_s:g} s" if run_s else "a check fails at once"
    if kind is Kind.ETCD_DEAD:
        why = f"an apiserver says so after {etcd.TOLD}, and who has it ask etcd waits"
    rising = eviction.of_server(server, "inter", "rise")
    first, out = eviction.first_failed(server, run_s, kind), eviction.evicted(server, run_s, kind)
    found = {
        "first_failed_check_s": spread(first, why, words[:1]),
        "eviction_s": spread(out, why, words),
        "readmission_s": within(back.min, back.max, "from healing", rising),
    }
    if told:
        bounds = eviction.bounds(server, run_s, kind)
        found["eviction_s"] = within(bounds.min, bounds.max, f"{told}; without clients {why}", words + cited)
        # The limit counts as a failed check.
        found["first_failed_check_s"] = within(min(first.bounds.min, bounds.min), first.bounds.max, why, words[:1])
    growing = traffic.warmup(server, up)
    return sent | found | ({"warmup_s": growing} if growing else {})
