"""What becomes of a connection that a load balancer sends to a backend which has failed and is not out yet."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from harness.chain import retries, shares
from harness.chain.failure import Kind
from harness.chain.setting import Setting, cite
from harness.chain.shares import Way
from harness.predict import eviction
from harness.predict.interval import Predicted, within
from harness.profile.haproxy import Server
from harness.profile.nginx import Upstream

# A connection fails before it comes about: refused, or silent; a node that is shut down is one, then the other. What
# only hangs later no load balancer tries again.
REFUSED, SILENT = (Kind.APISERVER_DEAD, Kind.NODE_STOP), tuple(kind for kind in Kind if kind.silences)


def by_haproxy(server: Server, kind: Kind, up: Sequence[Server]) -> Predicted | None:
    """Return how long a client hangs; None where nothing bounds it, or it is answered with an error at once.

    `up` are the haproxy's servers that are up, itself among them; None also where it gets no connections beside these.
    """
    among = shares.serving(up, server.backend)
    shakes_hands = server.tls and kind is Kind.APISERVER_HUNG  # which is a part of connecting
    hangs = kind.hangs and not shakes_hands
    ways = [silent for silent, kinds in ((False, REFUSED), (True, SILENT)) if kind in kinds] or [True] * shakes_hands
    if server not in among or not (hangs or ways):
        return None
    endings = {silent: retries.of(server).ending(silent, len(among), server.backup) for silent in ways}
    silent, ending = max(endings.items(), key=lambda one: one[1].after_s) if endings else (True, None)
    elsewhere = ending is not None and ending.elsewhere
    sent = told(shares.met(server, among, silent, elsewhere), shares.choice(server).way, silent)
    if not sent:
        return None
    if ending is None:
        why, run_s = f"{sent} answered by nobody until haproxy cuts it", eviction.failing_s(server, kind)
        out_s = eviction.bounds(server, run_s, kind).max if run_s is not None else float("inf")
        if server.checked and server.on_marked_down_shutdown and out_s < server.timeout_server_s:
            return within(0.0, out_s, why, _cited(server, "on-marked-down"))
        if server.timeout_server_s == float("inf"):
            return None
        return within(0.0, server.timeout_server_s, why, _cited(server, "timeout server", server.timeout_server_s))
    times = "once" if ending.attempts == 1 else f"{ending.attempts} times"
    if ending.elsewhere:
        there = f"tried there {times}, then elsewhere" if ending.attempts > 1 else "tried there, and then elsewhere"
        return within(0.0, ending.after_s, f"{sent} {there}", _cited(server, "option redispatch"))
    ends = "answered 503" if server.mode == "http" else "closed"
    why = f"{sent} tried there {times}, then {ends}"
    return within(0.0, ending.after_s, why, cite(server, retries=server.retries))


def told(bounds: tuple[Fraction, Fraction], way: Way, silent: bool) -> str:
    """Return in words which share of new connections is or are, "" for none; `silent` where they wait there."""
    least, most = bounds
    if not most:
        return ""
    if way is Way.STICK:
        return "every connection of a client that sticks to it is"
    up_to = "up to " if least < most else ""
    if most == 1:
        because = "until it has as many open as the others" if silent else "who is dead holds none"
        every = f"up to every new connection ({because})" if way is Way.LEAST and up_to else f"{up_to}every connection"
        return f"{every} is"
    by, who = ("by its hash ", "client") if way is Way.HASH else ("", "connection")
    if most.numerator == 1:
        return f"{by}{up_to}1 {who} in {most.denominator} is"
    return f"{by}{up_to}{percent(most)} of all {who}s are"


def percent(share: Fraction) -> str:
    """Return a share as one reads it, with digits where it is small."""
    return f"{float(100 * share):.{0 if share >= Fraction(1, 100) else 2}f} %"


def way_of(server: Upstream) -> Way:
    """Return how an nginx chooses among a group of servers."""
    return {"least_conn": Way.LEAST, "hash": Way.HASH, "random": Way.RANDOM}.get(server.method, Way.TURNS)


def serving(group: Sequence[Upstream]) -> Sequence[Upstream]:
    """Return those of a group that nginx tries first."""
    return [one for one in group if not one.backup] or group


def by_nginx(server: Upstream, kind: Kind, group: Sequence[Upstream]) -> Predicted | None:
    """Return how long a client hangs: nginx learns of a dead server from its clients alone, and forgets it again.

    None where nothing fails for it, or where it gets no connections beside the others of its `group`.
    """
    among = serving(group)
    if (kind not in REFUSED + SILENT and not kind.hangs) or server not in among:
        return None
    own, way = Fraction(server.weight, sum(one.weight for one in among)), way_of(server)
    bounds = (own, own) if way in (Way.TURNS, Way.HASH) else (Fraction(0), Fraction(1))
    sent = told(bounds, way, kind in SILENT or kind.hangs)
    if kind.hangs:  # it has connected, which is all that nginx asks for
        why = f"{sent} answered by nobody until nginx cuts it, and so on"
        return within(0.0, server.timeout_idle_s, why) if sent else None
    waited_s = server.timeout_connect_s if kind in SILENT else 0.0
    then = "then elsewhere" if server.elsewhere else "then closed"
    why = f"{sent} tried there, {then}"
    if server.max_fails and len(group) > 1:
        out = f"left out for {server.fail_timeout_s:g} s, and tried again"
        why = f"{why}; until {server.max_fails} failed: then it is {out}"
    elif not server.max_fails:
        why = f"{why}: max_fails 0 never leaves it out"
    cited = cite(server, max_fails=server.max_fails, fail_timeout=server.fail_timeout_s)
    return within(0.0, waited_s, why, cited)


def _cited(server: Server, word: str, value_s: float | None = None) -> tuple[Setting, ...]:
    return (Setting(word if value_s is None else f"{word} {value_s:g}s", server.at(word)),)
