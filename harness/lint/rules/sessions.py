"""What becomes of sessions: when haproxy cuts those that are idle, and when it ought to: H04, H05, H09, H20."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from harness.chain import idle
from harness.lint.rule import Problem, Severity, rule
from harness.lint.rules.backends import MANUAL, each, longer
from harness.lint.rules.clients import backends
from harness.lint.setup import Proxy, Setup
from harness.predict import etcd
from harness.profile import haproxy
from harness.profile.haproxy import Server, seconds
from harness.profile.where import Where

# client-go pings an idle HTTP/2 connection after 30 s; `kubectl exec` and `logs` may be idle for far longer.
PING_S, SESSION_S, LONG_S = 30.0, 3600.0, 60.0


@rule("H04", "connections to a server that was taken out", f"{MANUAL}#5.2-on-marked-down")
def left_alone(setup: Setup) -> Iterator[Problem]:
    """A session to a node that falls silent lives on after haproxy has that node DOWN.

    A watch then hears nothing more, and its client believes in it until a timeout of haproxy's or of its own: client-go
    pings after 30 s and gives up after 45, others wait for as long as haproxy does. `timeout tunnel` holds in the place
    of `timeout server` in mode tcp.

    Confirmed: in a lab, where a watch through a living haproxy to a dead bystander was silent for 59.96 s of
    `timeout server 1m`.

    Remedy: `on-marked-down shutdown-sessions` on each server or its default-server: it cuts them with the eviction.
    """
    for proxy, _, line, _, server in each(setup):
        lives_s = _idle_s(proxy, server)
        if server.checked and lives_s >= LONG_S and not server.on_marked_down_shutdown:
            long = "for ever" if lives_s == inf else f"by up to {_told(lives_s)}"
            told = f"{server.name}: its sessions outlive it {long}; on-marked-down shutdown-sessions"
            fix = longer(proxy, line, "on-marked-down shutdown-sessions")
            yield Problem(Where(proxy.path, line), Severity.WARNING, told, fix)


def _idle_s(proxy: Proxy, server: Server) -> float:
    """Return how long a session may be idle that has begun, by the frontend that lets it be so for longest."""
    fronts = haproxy.frontends(proxy.sections)
    clients_s = [front.timeout_client_s for front in fronts if server.backend in front.backends]
    return idle.session(server, max(clients_s, default=inf))[0]


def _told(time_s: float) -> str:
    for unit, name in ((3600, "h"), (60, "m")):
        if time_s >= unit and time_s % unit == 0:
            return f"{time_s / unit:g}{name}"
    return f"{time_s:g}s"


@rule("H05", "idle sessions", "https://github.com/kubernetes/kubeadm/issues/2227")
def cut_off(setup: Setup) -> Iterator[Problem]:
    """A watch with no news is as idle as `kubectl logs -f` of a quiet pod, and haproxy cuts what is idle.

    `timeout client` and `timeout server` count from the last byte that its side sent. In mode tcp `timeout tunnel`
    takes the place of both once both sides have spoken, however short they are.

    Confirmed: by the issue that is linked, with 20 s; with haproxy 2.6.12, cut after 12.0 s of `timeout tunnel 12s`
    with 2 s for both sides.

    Remedy: above 30 s for watches, which client-go pings that often; an hour or more for `exec` and `logs -f`, or
    `timeout tunnel 24h`.
    """
    for where, said, limit_s in _limits(setup):
        if limit_s <= PING_S:
            told = f"{said} cuts idle watches before client-go's 30 s ping keeps them alive"
            yield Problem(where, Severity.WARNING, told)
        elif limit_s < SESSION_S:
            told = f"{said} cuts `kubectl exec` and `logs -f` that are quiet for that long"
            yield Problem(where, Severity.INFO, told)


def _limits(setup: Setup) -> Iterator[tuple[Where, str, float]]:
    """Yield each timeout that ends a session which is idle, once: its place, as it is written, and in seconds."""
    seen = set()
    for proxy, section, server in backends(setup):
        leading = {one.name for one in haproxy.frontends(proxy.sections) if section.name in one.backends}
        fronts = [s for s in proxy.sections if s.kind in ("frontend", "listen") and s.name in leading]
        sides = [*((front, "client") for front in fronts), (section, "server")]
        if server.mode == "tcp" and server.timeout_tunnel_s is not None:
            sides = [(section, "tunnel")]
        for at, side in sides:
            found = haproxy.effective(at, "timeout", side)
            if found and found.words and (found.where, side) not in seen:
                seen.add((found.where, side))
                where = Where(proxy.path, found.where.line)
                word = found.words[0]
                unit = " (ms, as it has no unit)" if word.isdecimal() else ""
                yield where, f"timeout {side} {word}{unit}", seconds(word) or inf


@rule("H09", "reloads", f"{MANUAL}#3.1-hard-stop-after")
def lingering(setup: Setup) -> Iterator[Problem]:
    """After a reload the old process serves its sessions for as long as they last, and checks nothing any more.

    A watch through it lives until it ends by itself: its server may be long dead, and each reload leaves one more
    process with its memory.

    Confirmed: by haproxy's manual, 3.1.

    Remedy: `hard-stop-after 10m` in `global`, or what a session may at most outlive a reload.
    """
    for proxy in setup.proxies:
        section = next((s for s in proxy.sections if s.kind == "global"), None)
        if section is None or section.first("hard-stop-after") is None:
            told = "no hard-stop-after: after a reload the old process lives as long as its last watch"
            yield Problem(Where(proxy.path, section.line if section else 1), Severity.WARNING, told)


@rule("H20", "clients that are cut off while etcd elects", "https://etcd.io/docs/v3.4/tuning/#time-parameters")
def hasty(setup: Setup) -> Iterator[Problem]:
    """Whoever writes while etcd has no leader waits for the next one, in silence, and haproxy cuts what is silent.

    An election takes up to 1.9 s, in one of ten 2.9. A timeout of a session that is shorter turns each of them into
    errors, though nothing has to fail: the apiserver would have answered.

    Confirmed: elections in a lab; that the timeout is one of inactivity by haproxy's manual, 4.

    Remedy: `timeout client` and `timeout server` of a minute or more.
    """
    for where, said, limit_s in _limits(setup):
        if limit_s <= etcd.SECOND_VOTE_S:
            electing = f"{etcd.FIRST_VOTE_S:g} s, in one of ten {etcd.SECOND_VOTE_S:g}"
            told = f"{said} cuts a request that waits for etcd to elect a leader ({electing}); 1m, or more"
            yield Problem(where, Severity.WARNING, told)
