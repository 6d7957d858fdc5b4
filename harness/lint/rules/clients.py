"""What haproxy does to its clients around a failure: H03–H06, H09, H10, H12."""

from __future__ import annotations

from collections.abc import Iterator

from harness.lint.rule import Problem, Severity, rule
from harness.lint.rules.backends import MANUAL, each
from harness.lint.setup import Proxy, Setup
from harness.model import astray, eviction
from harness.model.failure import Kind
from harness.profile.haproxy import Section, Server, seconds
from harness.profile.where import Where

# client-go pings an idle HTTP/2 connection after 30 s; `kubectl exec` and `logs` may be idle for far longer.
PING_S, SESSION_S, LONG_S = 30.0, 3600.0, 60.0
CLIENT_S = 10.0  # what a request's caller usually waits
BUSY = 200.0  # new connections a second: what the harness' own clients open once their kept ones hang


def _groups(setup: Setup, *kinds: str) -> Iterator[tuple[Proxy, Section]]:
    for proxy in setup.proxies:
        for section in proxy.sections:
            if section.kind in kinds:
                yield proxy, section


def _serving(setup: Setup) -> Iterator[tuple[Proxy, Section]]:
    for proxy, section in _groups(setup, "backend", "listen"):
        if any(words[0] == "server" for _, words in section.lines):
            yield proxy, section


@rule("H03", "a client whose server is dead", f"{MANUAL}#4-option%20redispatch")
def same_server(setup: Setup) -> Iterator[Problem]:
    """Without redispatch every retry goes to the server that has just refused."""
    for proxy, section in _serving(setup):
        found = proxy.effective(section, "option", "redispatch")
        balance = proxy.effective(section, "balance")
        if found is None:
            told = f"{section.name}: without `option redispatch` a client is sent to the same dead server again"
            yield Problem(Where(proxy.path, section.line), Severity.WARNING, told)
        elif balance and balance[1][:1] in (["leastconn"], ["source"], ["first"]) and not found[1]:
            told = f"with balance {balance[1][0]} only the last retry goes elsewhere; option redispatch 1"
            yield Problem(Where(proxy.path, found[0]), Severity.WARNING, told)


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
    for proxy, section in _serving(setup):
        connect, retries = proxy.effective(section, "timeout", "connect"), proxy.effective(section, "retries")
        tries = 1 + (int(retries[1][0]) if retries else 3)
        if connect and seconds(connect[1][0]) * tries > CLIENT_S:
            worst = seconds(connect[1][0]) * tries
            told = (
                f"{tries} attempts of {connect[1][0]}: a client sent to a silent server waits {worst:g} s for nothing"
            )
            yield Problem(Where(proxy.path, connect[0]), Severity.WARNING, told)


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
    """An apiserver on the same node has its port already; the VIP is there on one node only."""
    vips = {a for conf in setup.confs for _, instance in conf.instances for a in instance.addresses}
    for proxy, section in _groups(setup, "frontend", "listen"):
        ports = {str(s.port) for p, _, _, _, s in each(setup) if p is proxy and s.port == 6443}
        for line, words in section.lines:
            if words[0] != "bind" or len(words) < 2:
                continue
            address, _, port = words[1].rpartition(":")
            if port in ports and address in ("", "*", "0.0.0.0", "::"):
                told = f"port {port} is the local apiserver's: one of the two will not start"
                yield Problem(Where(proxy.path, line), Severity.ERROR, told)
            if address in vips and "transparent" not in words:
                told = f"{address} is there on one node only: haproxy will not start on the others; transparent"
                fix = f"{proxy.text.splitlines()[line - 1]} transparent"
                yield Problem(Where(proxy.path, line), Severity.ERROR, told, fix)


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
        held_s = max((_held_s(server) for server in proxy.servers), default=0.0)
        if limits and held_s:
            line, most = min(limits, key=lambda limit: limit[1])
            if most < BUSY * held_s:
                told = (
                    f"connections wait for a silent server for up to {held_s:g} s: {most / held_s:.3g} new ones a "
                    f"second fill maxconn {most}, and nobody is accepted; a shorter timeout connect, or fewer retries"
                )
                yield Problem(Where(proxy.path, line), Severity.WARNING, told)


def _held_s(server: Server) -> float:
    """Return how long a connection may wait for a server whose node has crashed: until it gives up, or DOWN."""
    waits = astray.by_haproxy(server, Kind.NODE_CRASH, "")
    gives_up_s = waits.bounds.max if waits and waits.bounds else 0.0
    run_s = eviction.failing_s(server, Kind.NODE_CRASH) if server.checked else None
    return gives_up_s if run_s is None else min(gives_up_s, eviction.evicted(server, run_s, Kind.NODE_CRASH).bounds.max)
