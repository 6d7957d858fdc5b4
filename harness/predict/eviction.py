"""How long a haproxy takes to take a backend out, and to put it back.

Formulas: haproxy's configuration manual §5.2 (inter, fastinter, downinter, fall, rise, timeout check) as process_chk
and srv_getinter in check.c and tcpcheck_eval_connect in tcpcheck.c of 2.6.12 have them.
"""

from __future__ import annotations

from harness.chain import elsewhere, health, mismatch, observing, retries
from harness.chain.failure import Kind
from harness.chain.patience import answer_s, connect_s
from harness.chain.setting import Setting, cite
from harness.chain.sight import asks_ready
from harness.clock import Bounds
from harness.predict import etcd
from harness.predict.spread import Spread
from harness.profile.haproxy import Level, Server

# From then on the kernel may know that nobody answers for a dead neighbour's address, and a connection fails with
# "no route to host" within 3 s instead of waiting: Linux' least reachable_time, delay_first_probe_time, and three
# probes retrans_time apart.
NEIGHBOUR_S = 15.0 + 5.0 + 3.0


def failing_s(server: Server, kind: Kind) -> float | None:
    """Return how long one check takes to fail; None where it passes all the same.

    A connection to a hung process comes about, as its kernel accepts: only a check that waits for more notices. One
    that asks elsewhere passes as long as its host is there, for all that is known, a program always.
    """
    here = elsewhere.asked(server) and server.check_address == server.address and not server.agent
    if elsewhere.untold(server) and not (here and kind.silences):
        return None
    if kind.drops:
        return connect_s(server)
    if kind in (Kind.APISERVER_DEAD, Kind.NODE_STOP):
        return 0.0
    if kind is Kind.APISERVER_HUNG and server.check_tls:
        return connect_s(server)  # of which the handshake is a part
    if kind is Kind.APISERVER_HUNG and server.check_level is Level.TLS:
        return answer_s(server)  # to a hello that is sent once connected
    if kind in (Kind.APISERVER_HUNG, Kind.APISERVER_MUTE) and server.layer7:
        return answer_s(server)
    if kind is Kind.APISERVER_ERRORS or (kind is Kind.ETCD_DEAD and asks_ready(server)):
        wrong = server.layer7 and mismatch.content(server, kind is Kind.ETCD_DEAD) is False
        return 0.0 if wrong else None
    return None


def first_failed(server: Server, run_s: float, kind: Kind) -> Spread:
    """Return fault → the end of the first check that fails."""
    if kind is Kind.ETCD_DEAD:
        return Spread(min(answer_s(server), health.PROBE_S), (server.inter_s + health.STALE_S.max,))
    return Spread(run_s, (server.inter_s,))


def evicted(server: Server, run_s: float, kind: Kind) -> Spread:
    """Return fault → DOWN: `fall` checks in a row fail, `fastinter` after one another's end."""
    worst_s = server.inter_s + run_s + (server.fall - 1) * (server.fastinter_s + run_s)
    best_s = worst_s - server.inter_s
    if kind.drops:
        best_s = _of_dead_neighbour(server, run_s)
    elif kind is Kind.ETCD_DEAD:  # some are told late, some wait for it
        best_s, held_s = soonest_unready_s(server), min(answer_s(server), health.HELD_S)
        worst_s += health.STALE_S.max + server.fall * held_s
    elif kind is Kind.NODE_STOP:  # refused at first, then silent
        worst_s = server.inter_s + connect_s(server) + (server.fall - 1) * (server.fastinter_s + connect_s(server))
    return Spread(best_s, (worst_s - best_s,))


def bounds(server: Server, run_s: float, kind: Kind) -> Bounds:
    """Return the same, with as many clients as may be at best, and with none at worst."""
    found, observed, met_s = evicted(server, run_s, kind).bounds, observing.of(server), error_s(server, kind)
    if observed is None or met_s is None:
        return found
    least_s = met_s
    if observed.errors(server.fall) is None:
        if observed.hurries_s is None:
            return found
        # One that is under way ends by then, too.
        cut_s = min(run_s, observed.hurries_s)
        least_s = max(met_s, cut_s + (server.fall - 1) * (server.fastinter_s + cut_s))
    return Bounds(min(found.min, least_s), found.max)


def error_s(server: Server, kind: Kind) -> float | None:
    """Return how long a client's attempt takes to count as an error; None where nobody observes, or none is one."""
    observed = observing.of(server)
    if observed is None:
        return None
    if kind in (Kind.APISERVER_DEAD, Kind.NODE_STOP):
        return 0.0
    if kind is Kind.NODE_CRASH or (kind is Kind.APISERVER_HUNG and server.tls):
        return retries.of(server).takes_s(silent=True)
    if observed.statuses and kind in (Kind.APISERVER_ERRORS, Kind.ETCD_DEAD):
        return 0.0
    hangs = observed.statuses and kind in (Kind.APISERVER_HUNG, Kind.APISERVER_MUTE)
    return server.timeout_server_s if hangs and server.timeout_server_s < float("inf") else None


def _of_dead_neighbour(server: Server, run_s: float) -> float:
    at_s = 0.0
    for number in range(server.fall):
        at_s += server.fastinter_s if number else 0.0
        at_s = min(at_s + run_s, max(at_s, NEIGHBOUR_S))
    return at_s


def readmitted(server: Server, kind: Kind, serves_s: Bounds) -> Bounds:
    """Return healing → UP, where the backend serves again after `serves_s`; a check under way may first time out."""
    rising_s = (server.rise - 1) * server.fastinter_s
    under_way_s = connect_s(server) if kind.silences or kind.hangs else 0.0
    return Bounds(serves_s.min + rising_s, serves_s.max + under_way_s + server.downinter_s + rising_s)


def soonest_unready_s(server: Server) -> float:
    """Return etcd is gone → DOWN at the soonest: each check has to wait for etcd until an apiserver knows better."""
    at_s = 0.0
    for number in range(server.fall):
        at_s += server.fastinter_s if number else 0.0
        at_s += min(answer_s(server), health.PROBE_S) if at_s < health.STALE_S.min else 0.0
    return at_s


def impatient(server: Server, elected_s: float) -> bool:
    """Say whether checks that depend on etcd may take a living backend out while etcd takes so long for a leader."""
    return server.checked and server.layer7 and soonest_unready_s(server) < elected_s


def out_of_step_s(servers: list[Server]) -> float:
    """Return how much longer than etcd an impatient haproxy's backends may be out; 0.0 where one of them stays."""
    if not servers or not all(impatient(server, etcd.SECOND_VOTE_S) for server in servers):
        return 0.0
    return min(answer_s(s) + readmitted(s, Kind.ETCD_DEAD, Bounds(0.0, 0.0)).max for s in servers)


def of_server(server: Server, *words: str) -> tuple[Setting, ...]:
    """Return settings of a server's check by their keywords; a time in haproxy's way of writing it."""
    values = {
        "inter": _told(server.inter_s),
        "fastinter": _told(server.fastinter_s),
        "downinter": _told(server.downinter_s),
        "fall": server.fall,
        "rise": server.rise,
        "check": "",
        "timeout check": _told(server.timeout_check_s or 0.0),
    }
    return cite(server, **{word: values[word] for word in words})


def _told(time_s: float) -> str:
    return f"{time_s:g}s" if time_s >= 1 else f"{time_s * 1000:g}ms"
