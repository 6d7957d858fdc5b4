"""What a failed VIP owner means for a client, by the kind of its connection.

TCP of Linux: a first segment is sent again after 1, 3, 7, 15 and 31 s (since 6.5 the first four times a second apart,
which is never later), one of an established connection after 0.2, 0.6, 1.4, 3, 6.2, 12.6 ... s. client-go dials, keeps
alive and pings every 30 s (k8s.io/client-go/transport/cache.go, HTTP2_READ_IDLE_TIMEOUT_SECONDS).
"""

from __future__ import annotations

from collections.abc import Callable

from harness.clock import Bounds
from harness.model.balancer import Balancer
from harness.model.expected import Expected, spread, weighed, within
from harness.model.failure import Kind
from harness.model.migration import Migration
from harness.profile.haproxy import Server

DIALLED_S = tuple(2.0**n - 1 for n in range(1, 8))
RESENT_S = tuple(0.2 * (2**n - 1) for n in range(1, 16))
KEEPALIVE_S = 30.0
# News comes to a watch with each write; a writer may have paused for so long when the owner fell silent.
NEWS_S = 0.25
_DARK, _SHARES = 20, 300


def fresh(move: Migration, refused: bool) -> Expected:
    """Return what a connection dialled while the VIP is dark takes; one that is refused is tried again at once."""
    if refused:
        return spread(move.total, "refused until the VIP has moved")

    def dialled(dark_s: float, share: float) -> float:
        at_s = dark_s * share
        return next(d for d in DIALLED_S if at_s + d >= dark_s)

    worst_s = next((d for d in DIALLED_S if d >= move.total.bounds.max), DIALLED_S[-1])
    why = "dialled meanwhile: its SYN is sent again after 1, 3, 7 ... s"
    return weighed(_integrated(move, dialled), Bounds(DIALLED_S[0], worst_s), why)


def kept(move: Migration, reset: bool) -> Expected:
    """Return when a connection in use ends: the new owner resets what is sent again once it has the VIP."""
    if reset:
        return within(0.0, 0.0, "reset by the kernel at once; then as a fresh one")
    ends = [_next(RESENT_S, at_s) for at_s in (move.total.bounds.min, move.total.bounds.max)]
    why = "a segment is sent again after 0.2, 0.6, 1.4, 3, 6.2 ... s; the new owner resets the connection"
    return weighed(_integrated(move, lambda dark_s, _: _next(RESENT_S, dark_s)), Bounds(ends[0], ends[1]), why)


def watch(move: Migration, reset: bool) -> Expected:
    """Return when an idle watch ends: at its next keepalive or ping once another node answers for the VIP."""
    if reset:
        return within(0.0, 0.0, "ends at once; then as a fresh one")

    def ends(dark_s: float, share: float) -> float:
        asked_s = share * KEEPALIVE_S
        return asked_s if asked_s >= dark_s else asked_s + _next(RESENT_S, dark_s - asked_s)

    why = f"idle: nobody tells it, until its keepalive or ping, {KEEPALIVE_S:g} s apart, meets the new owner"
    worst_s = max(KEEPALIVE_S, _next(RESENT_S, move.total.bounds.max))
    return weighed(_integrated(move, ends), Bounds(move.total.bounds.min, worst_s), why)


def astray(server: Server, kind: Kind, balancer: Balancer, share: str) -> Expected | None:
    """Return how long a connection hangs that haproxy sends to a backend which has failed and is not evicted yet.

    A refused one is tried again a second later (or `timeout connect`, if shorter), a silent one each `timeout connect`
    (back_handle_st_con in backend.c); with redispatch every try goes elsewhere, and the first costs nothing if refused.
    """
    retries, cited = balancer.retries()
    patience_s = server.timeout_connect_s
    if kind in (Kind.APISERVER_DEAD, Kind.NODE_STOP):
        waits_s, tries = min(1.0, patience_s), retries
    elif kind is Kind.NODE_CRASH:
        waits_s, tries = patience_s, 1 + retries
    else:
        found = balancer.timeout_server() if kind.hangs else None
        return (
            within(0.0, found[0], f"{share} is answered by nobody until haproxy cuts it", (found[1],))
            if found
            else None
        )
    if elsewhere := balancer.redispatch():
        waited_s = patience_s if kind is Kind.NODE_CRASH else 0.0
        return within(0.0, waited_s, f"{share}, and is tried elsewhere", (elsewhere,))
    return within(0.0, tries * waits_s, f"{share} is tried there {1 + retries} times, then closed", cited)


def _next(times_s: tuple[float, ...], at_s: float) -> float:
    return next((t for t in times_s if t >= at_s), times_s[-1])


def _integrated(move: Migration, value: Callable[[float, float], float]) -> list[tuple[float, float]]:
    """Return `value` of (how long the VIP is dark, a share between 0 and 1) on a grid of equally likely cells."""
    dark = [move.total.quantile((n + 0.5) / _DARK) for n in range(_DARK)]
    shares = [(n + 0.5) / _SHARES for n in range(_SHARES)]
    return [(value(dark_s, share), 1.0) for dark_s in dark for share in shares]
