"""What a server's clients do to its eviction and to its return: their errors may count, its share may grow."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harness.chain import observing, retries, shares
from harness.chain.failure import Kind
from harness.chain.setting import Setting, cite
from harness.chain.shares import Way
from harness.predict import eviction
from harness.predict.interval import Predicted, within
from harness.predict.misrouted import percent
from harness.profile.haproxy import Server


def observed(server: Server, kind: Kind, up: Sequence[Server]) -> tuple[str, tuple[Setting, ...]]:
    """Return what its clients' errors do before its checks would, with the settings; "" where nothing."""
    seen, met_s, among = observing.of(server), eviction.error_s(server, kind), shares.serving(up, server.backend)
    if seen is None or met_s is None or server not in among:
        return "", ()
    ending = retries.of(server).ending(met_s > 0, len(among), server.backup)
    most = shares.met(server, among, met_s > 0, ending.elsewhere)[1]
    if not most:
        return "", ()
    errors = seen.errors(server.fall)
    cited = cite(server, **{"observe": server.observe, "error-limit": seen.limit, "on-error": seen.on_error.value})
    late = f" after {met_s:g} s" if met_s else ""
    if errors is None:
        if seen.hurries_s is None:
            return "", ()
        return f"{seen.limit} errors in a row{late} have its next check come within {seen.hurries_s:g} s", cited
    many = math.ceil(errors / (most * ending.attempts))
    return f"{errors} errors in a row, as {many} new connections make, take it out{late or ' at once'}", cited


def warmup(server: Server, up: Sequence[Server]) -> Predicted | None:
    """Return how long after it is UP a server has all of its share; None where it has at once, or ever has none."""
    among, how = shares.serving(up, server.backend), shares.choice(server)
    if not server.slowstart_s or not how.grows or server not in among or len(among) == 1:
        return None
    full, others = shares.share(server, among), sum(one.weight for one in among if one is not server)
    part = server.weight * shares.warmed(server.slowstart_s, 0)
    first = part / (part + others)
    what = "of the open connections, and until it holds that it gets every new one" if how.way is Way.LEAST else ""
    of_whom = {Way.HASH: "of the clients", Way.STICK: "of the clients that stick to none yet"}
    what = what or of_whom.get(how.way, "of the connections")
    why = f"from UP: its share grows once a second from {percent(first)} to {percent(full)} {what}"
    whole_s = shares.whole_after_s(server.slowstart_s)
    return within(whole_s, whole_s, why, cite(server, slowstart=f"{server.slowstart_s:g}s"))
