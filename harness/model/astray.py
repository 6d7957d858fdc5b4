"""What becomes of a connection that a load balancer sends to a backend which has failed and is not out yet."""

from __future__ import annotations

from harness.model.clients import DIALLED_S
from harness.model.expected import Expected, within
from harness.model.failure import Kind
from harness.model.setting import Setting, cite
from harness.profile.haproxy import Server
from harness.profile.nginx import Upstream

ROTATING = ("roundrobin", "static-rr", "random")
# A connection fails before it comes about: refused, or silent. What only hangs later no load balancer tries again.
REFUSED, SILENT = (Kind.APISERVER_DEAD, Kind.NODE_STOP), (Kind.NODE_CRASH,)


def by_haproxy(server: Server, kind: Kind, share: str) -> Expected | None:
    """Return how long a client hangs; None where nothing bounds it, or it is answered with an error at once.

    A refused connection is tried again a second later (`timeout connect`, if shorter), a silent one after each
    `timeout connect`. With redispatch and an algorithm that rotates every try goes elsewhere, and the first of a
    refused one is not waited for (back_handle_st_cer in backend.c).
    """
    patience_s = min(server.timeout_connect_s, DIALLED_S[-1])  # its own, or what the kernel has
    if kind in REFUSED:
        waits_s, tries = min(1.0, patience_s), server.retries
    elif kind in SILENT:
        waits_s, tries = patience_s, 1 + server.retries
    elif kind.hangs and server.timeout_server_s < float("inf"):
        cut = _cited(server, "timeout server", server.timeout_server_s)
        return within(0.0, server.timeout_server_s, f"{share} is answered by nobody until haproxy cuts it", cut)
    else:
        return None
    if server.redispatch is not None and server.balance.split()[0] in ROTATING:
        waited_s = patience_s if kind in SILENT else 0.0
        return within(0.0, waited_s, f"{share}, and is tried elsewhere", _cited(server, "option redispatch"))
    why = f"{share} is tried there {1 + server.retries} times, then closed"
    return within(0.0, tries * waits_s, why, cite(server, retries=server.retries))


def by_nginx(server: Upstream, kind: Kind, share: str) -> Expected | None:
    """Return how long a client hangs: nginx learns of a dead server from its clients alone, and forgets it again."""
    if kind not in REFUSED + SILENT:
        return None
    waited_s = server.timeout_connect_s if kind in SILENT else 0.0
    out = f"left out for {server.fail_timeout_s:g} s, and tried again"
    why = f"{share}, until {server.max_fails} failed: then it is {out}"
    if not server.max_fails:
        why = f"{share}, as max_fails 0 never leaves it out; then it is tried elsewhere"
    cited = cite(server, max_fails=server.max_fails, fail_timeout=server.fail_timeout_s)
    return within(0.0, waited_s, why, cited)


def _cited(server: Server, word: str, value_s: float | None = None) -> tuple[Setting, ...]:
    return (Setting(word if value_s is None else f"{word} {value_s:g}s", server.at(word)),)
