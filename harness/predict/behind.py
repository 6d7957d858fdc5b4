"""Whom a haproxy can still send to: who is out already, and for how long nobody is left."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf

from harness.chain import elsewhere, mismatch, retries, shares
from harness.chain.chain import Chain
from harness.chain.failure import Failure, Kind, Standing
from harness.chain.health import STALE_S
from harness.chain.shares import Way
from harness.clock import Bounds
from harness.predict import eviction, misrouted
from harness.predict.interval import Predicted, lasting, untold, within
from harness.profile.haproxy import Server
from harness.profile.nginx import Upstream

NOBODY = "no other server is left"
OTHERS = "how many connections the other servers hold"
# Whose every connection a server gets, where each client has one of its own.
OWN = {Way.HASH: "whose hash is {}'s", Way.STICK: "that sticks to {}"}


def up(chain: Chain, node: str, standing: Standing) -> list[Server]:
    """Return the servers that a node's haproxy still believes in, once all that is broken has had its effect."""
    profile = chain.profile

    def out(server: Server) -> bool:
        if mismatch.never_up(server):
            return True
        stands_for = profile.stands_for(node, server)
        if stands_for is None or not server.checked:
            return False
        ails = [*standing.ails(stands_for), *([] if stands_for in standing.alive else [Kind.NODE_CRASH])]
        return any(eviction.failing_s(server, kind) is not None for kind in ails)

    return [server for server in chain.profile.servers.get(node, []) if not out(server)]


def unserved(chain: Chain, node: str, failure: Failure, standing: Standing) -> Predicted | None:
    """Return for how long a node's haproxy sends every client to what has failed; None where it does not.

    Then it has taken that out; where others are up, or backups, they serve.
    """
    kind = failure.kind
    if not kind.takes_backend and kind is not Kind.ETCD_DEAD:
        return None
    if upstreams := chain.profile.upstreams.get(node):
        return _by_nginx(chain, node, failure, upstreams)
    believed = up(chain, node, standing)
    failed = [s for s in believed if chain.profile.stands_for(node, s) == failure.node]
    if not failed:
        return None
    server = failed[0]
    among = shares.serving(believed, server.backend)
    if server not in among:
        return None
    left = shares.serving([s for s in believed if s not in failed], server.backend)
    run_s = eviction.failing_s(server, kind) if server.checked else None
    surely, perhaps = _all(server, among, kind)
    if not perhaps:
        return None
    own = OWN.get(shares.choice(server).way, "").format(server.name)
    some = f"a client {own} is sent there" if own else f"up to every new client is sent to {server.name}"
    sent = f"every client is sent to {server.name}" if surely else some
    if left and run_s is None and elsewhere.untold(server):
        return within(0.0, inf, depends=elsewhere.unsaid(server))
    if not left or (run_s is None and surely):
        why = f"{node} sends every client to {server.name}, and "
        return lasting(why + (NOBODY if not left else "never takes it out"))
    if run_s is None:
        depends = f"which client it is {own}" if own else OTHERS
        return Predicted(Bounds(0.0, inf), None, f"{sent}, and it is never taken out", depends=depends)
    bounds = eviction.bounds(server, run_s, kind)
    then = f"{left[0].name} takes over" if left[0].backup else "the others have all"
    why = f"{sent} until that is out, then {then}"
    least_s = max(0.0, bounds.min - STALE_S.max) if kind is Kind.ETCD_DEAD else bounds.min  # ready by its own account
    return Predicted(Bounds(least_s if surely else 0.0, bounds.max), None, why)


def without_etcd(node: str, moved: Bounds | None) -> Predicted:
    """Return how long clients of an apiserver without its etcd are dark: until the VIP has `moved`, or it is healed."""
    why = f"{node}'s apiserver has lost its etcd: reads fail at once, and it calls itself ready for a while yet"
    return lasting(why) if moved is None else within(max(0.0, moved.min - STALE_S.max), moved.max, why)


def _by_nginx(chain: Chain, node: str, failure: Failure, group: Sequence[Upstream]) -> Predicted | None:
    """Return the same of an nginx, where one server may be all that a client is given; how long, nobody can tell."""
    failed = [one for one in group if chain.profile.stands_for(node, one) == failure.node]
    among = misrouted.serving(group)
    if not failed or failed[0] not in among:
        return None
    server, kind = failed[0], failure.kind
    own = OWN.get(misrouted.way_of(server), "").format(server.name)
    retried = kind in misrouted.REFUSED + misrouted.SILENT
    if retried and server.elsewhere and len(group) > 1 and (kind in misrouted.REFUSED or not server.timeout_connect_s):
        return None
    if len(group) == 1:
        return lasting(f"{node} sends every client to {server.name}, and {NOBODY}")
    if len(among) > 1 and not own and misrouted.way_of(server) is not Way.LEAST:
        return None
    who = f"a client {own} is" if own else "up to every client is"
    until = f"until {server.max_fails} have failed, and again" if retried and server.max_fails else "until it is mended"
    return untold(f"on how soon who is sent to {server.name} is sent elsewhere: {who}, {until}")


def _all(server: Server, among: Sequence[Server], kind: Kind) -> tuple[bool, bool]:
    """Return whether every connection surely, and perhaps, is sent to a server that has failed, and nowhere else."""
    silent = kind is Kind.NODE_CRASH or kind.hangs
    ending = retries.of(server).ending(silent, len(among), server.backup)
    retried = not kind.hangs and kind not in (Kind.APISERVER_ERRORS, Kind.ETCD_DEAD)
    least, most = shares.met(server, among, silent, elsewhere=False)
    if shares.choice(server).way in OWN:  # as any one's own may be it
        most = Fraction(1)
    if ending.elsewhere and retried:
        return False, most == 1 and ending.after_s > 0  # who does not wait for so long is not served
    return least == 1, most == 1
