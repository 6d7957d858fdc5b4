"""What haproxy does to connections around a failure: H03, H06, H10, H12."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.chain import binding, retries, shares
from harness.chain.failure import Kind
from harness.chain.retries import Picks
from harness.lint.rule import Problem, Severity, rule
from harness.lint.rules.backends import MANUAL, each, longer
from harness.lint.setup import Proxy, Setup
from harness.predict import eviction, misrouted
from harness.profile.haproxy import Section, Server
from harness.profile.service import ANYWHERE
from harness.profile.where import Where

CLIENT_S = 10.0  # what a request's caller usually waits
BUSY = 200.0  # new connections a second: what the harness' own clients open once their kept ones hang


def groups(setup: Setup, *kinds: str) -> Iterator[tuple[Proxy, Section]]:
    for proxy in setup.proxies:
        for section in proxy.sections:
            if section.kind in kinds:
                yield proxy, section


def backends(setup: Setup) -> Iterator[tuple[Proxy, Section, Server]]:
    """Yield each section that has servers, with the first of these."""
    for proxy, section in groups(setup, "backend", "listen"):
        servers = [server for server in proxy.servers if server.backend == section.name]
        if servers:
            yield proxy, section, servers[0]


@rule("H03", "a client whose server is dead", f"{MANUAL}#4-option%20redispatch")
def same_server(setup: Setup) -> Iterator[Problem]:
    """Without `option redispatch` every retry goes to the server that has just refused, and the client is told so.

    Where the option has no number the last retry goes elsewhere, and each of them where `balance` chooses anew. A hash
    comes out where it did before, unless it is consistent. A number that comes to -(`retries` + 1) has haproxy divide
    by zero at its first retry, and die.

    Confirmed: with haproxy 2.6.12 on loopback, every algorithm; the division by zero in a lab, too.

    Remedy: `option redispatch 1` and `retries 2`.
    """
    for proxy, section, server in backends(setup):
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


@rule("H06", "a client whose server is silent", f"{MANUAL}#4-timeout%20connect")
def too_patient(setup: Setup) -> Iterator[Problem]:
    """Each attempt at a server that is silent costs `timeout connect`, and a client has not that much patience.

    Where no retry goes elsewhere it waits for all attempts, in vain. With `option redispatch` it is served elsewhere
    after the first, later.

    Confirmed: with haproxy 2.6.12 on loopback; in a lab 1,791 sessions ended after 40.0 s of four attempts of 10 s.

    Remedy: `timeout connect 2s`, `retries 2`, `option redispatch 1`.
    """
    for proxy, _, server in backends(setup):
        ending = retries.of(server).ending(True, len(shares.serving(proxy.servers, server.backend)))
        if "timeout connect" in server.where and ending.after_s > CLIENT_S:
            tried = f"{ending.attempts} attempts" if ending.attempts > 1 else "an attempt"
            outcome = "before it is sent elsewhere" if ending.elsewhere else "for nothing"
            told = (
                f"{tried} of {server.timeout_connect_s:g} s: a client sent to a silent server waits "
                f"{ending.after_s:g} s {outcome}"
            )
            yield Problem(server.at("timeout connect"), Severity.WARNING, told)


@rule("H10", "where the frontend listens", f"{MANUAL}#4-bind")
def taken(setup: Setup) -> Iterator[Problem]:
    """An apiserver on the same machine has its port already; and the VIP is there on one node only.

    Who comes second does not start; kube-apiserver listens on all addresses, unless `--bind-address` says otherwise. On
    load balancers of their own the apiservers' port is free, and right. An address that a node does not have can be
    bound with `transparent`, or where `net.ipv4.ip_nonlocal_bind` is 1.

    Confirmed: in a lab, one of the two runs on each node; and haproxy "cannot bind socket" wherever the VIP is not.

    Remedy: another port than the apiservers', as 8443; `bind *:8443`, or `transparent`.
    """
    vips = {a for conf in setup.confs for _, instance in conf.instances for a in instance.addresses}
    for proxy, section in groups(setup, "frontend", "listen"):
        ports = {str(s.port) for p, _, _, _, s in each(setup) if p is proxy}
        for line, words in section.lines:
            address, _, port = words[1].rpartition(":") if words[0] == "bind" and len(words) > 1 else ("", "", "")
            where, host = Where(proxy.path, line), address.strip("[]")
            if port in ports and (host in ANYWHERE or host in vips):
                yield from _beside(setup, proxy, where, port, host in vips)
            if (lone := binding.lonely(words, vips)) and not (free := _nonlocal(setup, proxy)):
                severity, unless = (
                    (Severity.ERROR, "") if free is False else (Severity.WARNING, f" unless {binding.UNSAID}")
                )
                told = f"{lone} is there on one node only: haproxy will not start on the others{unless}; transparent"
                yield Problem(where, severity, told, longer(proxy, line, "transparent"))


def _nonlocal(setup: Setup, proxy: Proxy) -> bool | None:
    """Say whether a proxy may bind an address that its node has not; None where no file tells that of every node."""
    said = [binding.may(conf.programs.values()) for conf in setup.confs if conf.node in proxy.nodes]
    said = said or [binding.may(setup.programs)]
    return False if False in said else True if all(said) else None


def _beside(setup: Setup, proxy: Proxy, where: Where, port: str, lone: bool) -> Iterator[Problem]:
    """Yield that the proxy has the port of an apiserver beside it; on a machine of its own that is right."""
    if lone:  # whether the apiserver leaves the VIP's own port free its flags tell, which are not here
        if setup.profile and set(proxy.nodes) & set(setup.profile.facts.masters):
            told = f"port {port} is the local apiserver's, on every address unless its --bind-address names one"
            yield Problem(where, Severity.WARNING, f"{told}: else one of the two will not start")
    elif setup.profile is None and not _apart(setup, proxy):
        told = f"port {port} is an apiserver's: if there is one on this machine too, one of the two will not start"
        yield Problem(where, Severity.WARNING, told)
    elif setup.profile and set(proxy.nodes) & set(setup.profile.facts.masters):
        told = f"port {port} is the local apiserver's: one of the two will not start"
        yield Problem(where, Severity.ERROR, told)


def _apart(setup: Setup, proxy: Proxy) -> bool:
    """Say whether the load balancers' own addresses are known, and none of them is an apiserver's."""
    own = {instance.unicast_src_ip for conf in setup.confs for _, instance in conf.instances}
    return bool(own) and all(own) and not own & {server.address for server in proxy.servers}


@rule("H12", "how many connections wait for a silent server", f"{MANUAL}#3.2-maxconn")
def filled(setup: Setup) -> Iterator[Problem]:
    """Once all of its maxconn connections wait for a server that is dead and not yet DOWN, haproxy accepts nobody.

    Not even those that it would send to a server that lives; they wait in the kernel's queue.

    Confirmed: in a lab, where `maxconn 4000` was reached and handshakes took 0.95 s.

    Remedy: a shorter `timeout connect`, fewer retries, a faster eviction; or a greater `maxconn`.
    """
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
