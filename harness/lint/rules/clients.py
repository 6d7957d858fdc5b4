"""What haproxy does to its clients around a failure: H03–H06, H09, H10, H12."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.chain import retries, shares
from harness.chain.failure import Kind
from harness.chain.retries import Picks
from harness.lint.rule import Problem, Severity, rule
from harness.lint.rules.backends import MANUAL, each
from harness.lint.setup import Proxy, Setup
from harness.predict import eviction, misrouted
from harness.profile import sysctl
from harness.profile.haproxy import Section, Server, seconds
from harness.profile.service import ANYWHERE
from harness.profile.where import Where

# client-go pings an idle HTTP/2 connection after 30 s; `kubectl exec` and `logs` may be idle for far longer.
PING_S, SESSION_S, LONG_S = 30.0, 3600.0, 60.0
CLIENT_S = 10.0  # what a request's caller usually waits
BUSY = 200.0  # new connections a second: what the harness' own clients open once their kept ones hang


def _groups(setup: Setup, *kinds: str) -> Iterator[tuple[Proxy, Section]]:
    """Yield the service's sections of such kinds."""
    for proxy in setup.proxies:
        for section in proxy.sections:
            if section.kind in kinds and not proxy.beside(section):
                yield proxy, section


def _backends(setup: Setup) -> Iterator[tuple[Proxy, Section, Server]]:
    """Yield each section that has servers, with the first of these."""
    for proxy, section in _groups(setup, "backend", "listen"):
        servers = [server for server in proxy.servers if server.backend == section.name]
        if servers:
            yield proxy, section, servers[0]


@rule("H03", "a client whose server is dead", f"{MANUAL}#4-option%20redispatch")
def same_server(setup: Setup) -> Iterator[Problem]:
    """Without redispatch every retry goes to the server that has just refused."""
    for proxy, section, server in _backends(setup):
        retrying = retries.of(server)
        ending = retrying.ending(False, len(shares.serving(proxy.servers, server.backend)))
        where = Where(proxy.path, section.line) if server.redispatch is None else server.at("option redispatch")
        if retrying.divides_by_zero:
            told = f"with retries {server.retries} haproxy divides by 0 at the first, and dies; option redispatch 1"
            yield Problem(server.at("option redispatch"), Severity.ERROR, told)
        elif not retrying.most:
            told = f"{section.name}: a client whose server is dead is told so at the first attempt; retries 1, or more"
            yield Problem(where, Severity.WARNING, told)
        elif server.redispatch is None:
            told = f"{section.name}: without `option redispatch` a client is sent to the same dead server again"
            yield Problem(where, Severity.WARNING, told)
        elif retrying.picks is Picks.SAME:
            told = f"balance {server.balance} gives every retry the server that is dead; hash-type consistent"
            yield Problem(server.at("balance"), Severity.WARNING, told)
        elif retrying.picks is Picks.RING and ending.attempts > 1:
            told = f"with balance {server.balance} not every retry goes elsewhere; option redispatch 1"
            yield Problem(where, Severity.WARNING, told)


@rule("H04", "connections to a server that was taken out", f"{MANUAL}#5.2-on-marked-down")
def left_alone(setup: Setup) -> Iterator[Problem]:
    """A session to a silent node lives until a timeout; meanwhile its client believes in it."""
    for proxy, section, line, words, server in each(setup):
        timeout = proxy.effective(section, "timeout", "server")
        if timeout and seconds(timeout[1][0]) >= LONG_S and "on-marked-down" not in words:
            told = f"{server.name}: its sessions outlive it by up to {timeout[1][0]}; on-marked-down shutdown-sessions"
            fix = f"{proxy.text.splitlines()[line - 1]} on-marked-down shutdown-sessions"
            yield Problem(Where(proxy.path, line), Severity.WARNING, told, fix)


@rule("H05", "idle sessions", "https://github.com/kubernetes/kubeadm/issues/2227")
def cut_off(setup: Setup) -> Iterator[Problem]:
    """A watch with no news is as idle as `kubectl logs -f` of a quiet pod."""
    seen = set()
    for proxy, section in _groups(setup, "frontend", "backend", "listen"):
        for side in ("client", "server"):
            found = proxy.effective(section, "timeout", side)
            if found is None or (proxy.path, found[0]) in seen:
                continue
            seen.add((proxy.path, found[0]))
            limit = seconds(found[1][0])
            if limit <= PING_S:
                told = f"timeout {side} {found[1][0]} cuts idle watches before client-go's 30 s ping keeps them alive"
                yield Problem(Where(proxy.path, found[0]), Severity.WARNING, told)
            elif limit < SESSION_S:
                told = f"timeout {side} {found[1][0]} cuts `kubectl exec` and `logs -f` that are quiet for that long"
                yield Problem(Where(proxy.path, found[0]), Severity.INFO, told)


@rule("H06", "a client whose server is silent", f"{MANUAL}#4-timeout%20connect")
def too_patient(setup: Setup) -> Iterator[Problem]:
    """Each attempt at a silent server costs timeout connect."""
    for proxy, _, server in _backends(setup):
        ending = retries.of(server).ending(True, len(shares.serving(proxy.servers, server.backend)))
        if "timeout connect" in server.where and ending.after_s > CLIENT_S:
            told = (
                f"{ending.attempts} attempts of {server.timeout_connect_s:g} s: a client sent to a silent server waits "
                f"{ending.after_s:g} s for nothing"
            )
            yield Problem(server.at("timeout connect"), Severity.WARNING, told)


@rule("H09", "reloads", f"{MANUAL}#3.1-hard-stop-after")
def lingering(setup: Setup) -> Iterator[Problem]:
    """An old process serves its sessions for as long as they last, without checks."""
    for proxy in setup.proxies:
        section = next((s for s in proxy.sections if s.kind == "global"), None)
        if section is None or section.first("hard-stop-after") is None:
            told = "no hard-stop-after: after a reload the old process lives as long as its last watch"
            yield Problem(Where(proxy.path, section.line if section else 1), Severity.WARNING, told)


@rule("H10", "where the frontend listens", f"{MANUAL}#4-bind")
def taken(setup: Setup) -> Iterator[Problem]:
    """An apiserver on the same machine has its port already; the VIP is there on one node only."""
    vips = {a for conf in setup.confs for _, instance in conf.instances for a in instance.addresses}
    anywhere = sysctl.settings(setup.programs.values()).get(sysctl.NONLOCAL) == "1"
    listening = ((p, s) for p in setup.proxies for s in p.sections if s.kind in ("frontend", "listen"))
    for proxy, section in listening:
        ports = {str(s.port) for p, _, _, _, s in each(setup) if p is proxy and s.port == 6443}
        for line, words in section.lines:
            if words[0] != "bind" or len(words) < 2:
                continue
            address, _, port = words[1].rpartition(":")
            if port in ports and address in ANYWHERE:
                yield from _beside(setup, proxy, Where(proxy.path, line), port)
            if address in vips and "transparent" not in words and not anywhere:
                told = f"{address} is there on one node only: haproxy will not start on the others; transparent"
                fix = f"{proxy.text.splitlines()[line - 1]} transparent"
                yield Problem(Where(proxy.path, line), Severity.ERROR, told, fix)


def _beside(setup: Setup, proxy: Proxy, where: Where, port: str) -> Iterator[Problem]:
    """Yield that the proxy has the port of an apiserver beside it; on a machine of its own that is right."""
    if setup.profile is None:
        told = f"port {port} is an apiserver's: if there is one on this machine too, one of the two will not start"
        yield Problem(where, Severity.WARNING, told)
    elif set(proxy.nodes) & set(setup.profile.facts.masters):
        told = f"port {port} is the local apiserver's: one of the two will not start"
        yield Problem(where, Severity.ERROR, told)


@rule("H12", "how many connections wait for a silent server", f"{MANUAL}#3.2-maxconn")
def filled(setup: Setup) -> Iterator[Problem]:
    """Once its maxconn connections wait for a server that is dead and not yet DOWN, haproxy accepts nobody."""
    for proxy in setup.proxies:
        limits = [
            (line, int(words[1]))
            for section in proxy.sections
            for line, words in section.lines
            if section.kind != "backend" and words[0] == "maxconn" and words[1:2] and words[1].isdigit()
        ]
        held_s = max((_held_s(server, proxy.servers) for server in proxy.servers), default=0.0)
        if limits and held_s:
            line, most = min(limits, key=lambda limit: limit[1])
            if most < BUSY * held_s:
                told = (
                    f"connections wait for a silent server for up to {held_s:g} s: {most / held_s:.3g} new ones a "
                    f"second fill maxconn {most}, and nobody is accepted; a shorter timeout connect, or fewer retries"
                )
                yield Problem(Where(proxy.path, line), Severity.WARNING, told)


def _held_s(server: Server, beside: Sequence[Server]) -> float:
    """Return how long a connection may wait for a server whose node has crashed: until it gives up, or DOWN."""
    waits = misrouted.by_haproxy(server, Kind.NODE_CRASH, beside)
    gives_up_s = waits.bounds.max if waits and waits.bounds else 0.0
    run_s = eviction.failing_s(server, Kind.NODE_CRASH) if server.checked else None
    return gives_up_s if run_s is None else min(gives_up_s, eviction.evicted(server, run_s, Kind.NODE_CRASH).bounds.max)
