"""What a failed VIP owner means for a client, by the kind of its connection.

TCP of Linux: a first segment is sent again after 1, 3, 7, 15 and 31 s (since 6.5 the first five times a second apart),
one of an established connection after 0.2, 0.6, 1.4, 3, 6.2, 12.6 ... s. client-go dials, keeps alive and pings every
30 s, and gives TLS 10 s (k8s.io/client-go/transport/cache.go, HTTP2_READ_IDLE_TIMEOUT_SECONDS).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from harness.chain.failure import Kind
from harness.clock import Bounds
from harness.predict.interval import Predicted, spread, weighed, within
from harness.predict.spread import Spread

DIALLED_S = tuple(2.0**n - 1 for n in range(1, 8))
RESENT_S = tuple(0.2 * (2**n - 1) for n in range(1, 16))
KEEPALIVE_S, TLS_S = 30.0, 10.0
# Linux keeps timers of 16 s and more in steps of 2.048 s (kernel/time/timer.c at HZ=250) and rounds up: a keepalive
# probe may be late by that; a trial met one 0.21 s late.
WHEEL_S = 2.048
# News comes to a watch with each write; a writer may have paused for so long when the owner fell silent.
NEWS_S = 0.25
# The kernel of a dead daemon, on a node that lives or has said goodbye, resets its connections.
RESETS = (Kind.NODE_STOP, Kind.PROXY_DEAD, Kind.APISERVER_DEAD)
_DARK, _SHARES = 20, 300
KEPT = 1000  # answers: many settings leave how long the VIP is dark as it is


@lru_cache(KEPT)
def fresh(dark: Spread, kind: Kind) -> Predicted:
    """Return what a connection dialled while the VIP is dark takes; one that is refused is tried again at once."""
    if kind in RESETS:
        return spread(dark, "refused until the VIP has moved")
    if kind.hangs:
        return within(0.0, TLS_S, "accepted by the kernel and never answered, until the client gives up on TLS")

    def dialled(dark_s: float, share: float) -> float:
        at_s = dark_s * share
        return next((d for d in DIALLED_S if at_s + d >= dark_s), DIALLED_S[-1])  # after which it is given up

    worst_s = next((d for d in DIALLED_S if d >= dark.bounds.max), DIALLED_S[-1])
    why = "dialled meanwhile: its SYN is sent again after 1, 3, 7 ... s"
    return weighed(_integrated(dark, dialled), Bounds(DIALLED_S[0], worst_s), why)


@lru_cache(KEPT)
def kept(dark: Spread, kind: Kind) -> Predicted:
    """Return when a connection in use ends: the new owner resets what reaches it once it has the VIP."""
    if kind in RESETS:
        return within(0.0, 0.0, "reset by the kernel at once; then as a fresh one")
    if kind.hangs:
        return spread(dark, "what it sends is taken by the old kernel, then reset by the new owner")
    ends = [_next(RESENT_S, at_s) for at_s in (dark.bounds.min, dark.bounds.max)]
    why = "a segment is sent again after 0.2, 0.6, 1.4, 3, 6.2 ... s; the new owner resets the connection"
    return weighed(_integrated(dark, lambda dark_s, _: _next(RESENT_S, dark_s)), Bounds(ends[0], ends[1]), why)


@lru_cache(KEPT)
def watch(dark: Spread, kind: Kind) -> Predicted:
    """Return when an idle watch ends: at its next keepalive or ping once another node answers for the VIP."""
    if kind in RESETS:
        return within(0.0, 0.0, "ends at once; then as a fresh one")
    why = f"idle: nobody tells it, until its keepalive or ping, {KEEPALIVE_S:g} s apart, meets the new owner"
    why += "; it lives on where its node is back by then" if kind.resumes else ""
    if kind.hangs:  # until then the old kernel acknowledges each
        return spread(dark + Spread(0.0, (KEEPALIVE_S,)), why)

    def ends(dark_s: float, share: float) -> float:
        asked_s = share * KEEPALIVE_S
        return asked_s if asked_s >= dark_s else asked_s + _next(RESENT_S, dark_s - asked_s)

    # Whatever is sent again at all is sent again within twice its wait and 0.2 s.
    worst_s = max(KEEPALIVE_S, 2 * dark.bounds.max + RESENT_S[0])
    return weighed(_integrated(dark, ends), Bounds(dark.bounds.min, worst_s), why)


def stall(dark: Spread, kind: Kind) -> Predicted:
    """Return how long the worst of a trial's watches, which get news all the time, believes in a dead stream."""
    if kind.drops:
        # The keepalives that meet nobody are followed by others, as far apart.
        told_s = KEEPALIVE_S * max(1, math.ceil(dark.bounds.max / KEEPALIVE_S))
        return within(KEEPALIVE_S - NEWS_S, told_s + WHEEL_S, "until its keepalive meets the new owner")
    held_s = dark.bounds.max if kind.hangs else 0.0
    return within(0.0, held_s + KEEPALIVE_S + WHEEL_S, "one that is opened meanwhile is cut off by the failback")


def by_kind(dark: Spread, kind: Kind) -> dict[str, Predicted]:
    """Return what a client of a failed owner sees by the kind of its connection, and the worst of a trial's watches."""
    if math.isinf(dark.bounds.max):
        return {}
    found = {
        "client_fresh_s": fresh(dark, kind),
        "client_kept_s": kept(dark, kind),
        "client_watch_s": watch(dark, kind),
    }
    # Where it resumes healing ends it too, and that comes when it likes.
    return found if kind.resumes else found | {"watch_stall_s": stall(dark, kind)}


def _next(times_s: tuple[float, ...], at_s: float) -> float:
    return next((t for t in times_s if t >= at_s), times_s[-1])


def _integrated(dark: Spread, value: Callable[[float, float], float]) -> list[tuple[float, float]]:
    """Return `value` of (how long the VIP is dark, a share between 0 and 1) on a grid of equally likely cells."""
    times_s = [dark.quantile((n + 0.5) / _DARK) for n in range(_DARK)]
    shares = [(n + 0.5) / _SHARES for n in range(_SHARES)]
    return [(value(dark_s, share), 1.0) for dark_s in times_s for share in shares]
