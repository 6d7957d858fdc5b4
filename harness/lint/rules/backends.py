"""How haproxy finds out that a backend is dead: H01, H02, H07, H08, H11, E01."""

from __future__ import annotations

from collections.abc import Iterator

from harness.chain.sight import asks_ready
from harness.lint.rule import Account, Problem, Severity, rule
from harness.lint.setup import Proxy, Setup
from harness.predict import etcd, eviction
from harness.profile.haproxy import Section, Server
from harness.profile.where import Where
from harness.verdict import Symptom

MANUAL = "https://docs.haproxy.org/2.6/configuration.html"
ENCRYPTED = (6443, 443)


def each(setup: Setup) -> Iterator[tuple[Proxy, Section, int, list[str], Server]]:
    """Yield every server with its section, line and words, those of its default-server among them."""
    for proxy in setup.proxies:
        lines = {line: (section, words) for section in proxy.sections for line, words in section.lines}
        for server in proxy.servers:
            section, words = lines[server.at("").line]
            preset = proxy.effective(section, "default-server")
            yield proxy, section, server.at("").line, [*words, *(preset[1] if preset else [])], server


@rule("H01", "a backend's health", f"{MANUAL}#5.2-check")
def unchecked(setup: Setup) -> Iterator[Problem]:
    """Without check a dead server gets its share of the clients for ever."""
    for proxy, section, line, _, server in each(setup):
        if not server.checked:
            told = f"{server.name} is never checked: it gets its share of the clients while it is dead too"
            fix = f"{proxy.text.splitlines()[line - 1]} check"
            kept = Account(Symptom.BACKEND_KEPT, proxy.nodes, backend=server.name)
            yield Problem(Where(proxy.path, line), Severity.ERROR, told, fix, kept)
        elif not server.layer7 and not proxy.effective(section, "option", "ssl-hello-chk"):
            told = f"{server.name} is only connected to: a process that hangs passes; option httpchk GET /readyz"
            yield Problem(Where(proxy.path, line), Severity.WARNING, told)


@rule("H02", "a check in the clear against an encrypted port", f"{MANUAL}#4-option%20httpchk")
def in_the_clear(setup: Setup) -> Iterator[Problem]:
    """An apiserver answers a plain request with 400: every backend is DOWN."""
    for proxy, section, line, words, server in each(setup):
        encrypted = {"ssl", "check-ssl"} & set(words)
        connects = [w for _, w in section.lines if w[:2] == ["http-check", "connect"]]
        if server.layer7 and server.port in ENCRYPTED and not encrypted and not any("ssl" in w for w in connects):
            told = f"{server.name}: the check asks in the clear on port {server.port}; check-ssl verify none"
            fix = f"{proxy.text.splitlines()[line - 1]} check-ssl verify none"
            yield Problem(Where(proxy.path, line), Severity.ERROR, told, fix)
    for proxy in setup.proxies:
        for section in (s for s in proxy.sections if not proxy.beside(s)):
            for line, words in section.lines:
                if words[:2] == ["option", "ssl-hello-chk"]:
                    told = "ssl-hello-chk speaks SSLv3, which servers refuse, and does not see whether HTTP answers"
                    yield Problem(Where(proxy.path, line), Severity.WARNING, told)


@rule(
    "H07",
    "how long a stopping apiserver must go on serving",
    "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/",
)
def outlived(setup: Setup) -> Iterator[Problem]:
    """Until it is DOWN, haproxy sends clients to a server that has stopped."""
    for proxy in setup.proxies:
        checked = [(line, s) for p, _, line, _, s in each(setup) if p is proxy and s.checked]
        if checked:
            line, slowest = max(checked, key=lambda one: one[1].inter_s + (one[1].fall - 1) * one[1].fastinter_s)
            worst = slowest.inter_s + (slowest.fall - 1) * slowest.fastinter_s
            told = (
                f"a stopped apiserver is taken out after up to {worst:g} s: with --shutdown-delay-duration below that "
                "(default 0) a rolling restart fails requests"
            )
            yield Problem(Where(proxy.path, line), Severity.WARNING, told)


@rule("H08", "the check's own time limit", f"{MANUAL}#4-timeout%20check")
def check_limit(setup: Setup) -> Iterator[Problem]:
    """Without `timeout check`, inter bounds connecting and answering together."""
    seen = set()
    for proxy, section, line, _, server in each(setup):
        if server.checked and server.timeout_check_s is None and (proxy.path, section.name) not in seen:
            seen.add((proxy.path, section.name))
            told = f"no `timeout check`: inter ({server.inter_s:g} s) bounds the whole check"
            yield Problem(Where(proxy.path, line), Severity.INFO, told)


@rule("H11", "how long a check bears with an etcd that elects", f"{MANUAL}#5.2-fall")
def impatient(setup: Setup) -> Iterator[Problem]:
    """While etcd has no leader no apiserver is ready: an impatient check takes out all of them."""
    seen = set()
    for proxy, section, line, _, server in each(setup):
        if (
            (proxy.path, section.name) in seen
            or not asks_ready(server)
            or not eviction.impatient(server, etcd.FIRST_VOTE_S)
        ):
            continue
        seen.add((proxy.path, section.name))
        pause_s = server.fastinter_s
        electing = f"{etcd.FIRST_VOTE_S:g} s, in one of ten {etcd.SECOND_VOTE_S:g}"
        told = (
            f"{server.fall} checks {pause_s:g} s apart fail while etcd elects a leader ({electing}), and every "
            f"apiserver is taken out; fall {int(etcd.FIRST_VOTE_S / pause_s) + 2}, or a longer fastinter"
        )
        yield Problem(Where(proxy.path, line), Severity.WARNING, told)


@rule("E01", "etcd's members", "https://etcd.io/docs/v3.4/faq/#what-is-failure-tolerance")
def members(setup: Setup) -> Iterator[Problem]:
    """With a member on every master, an even number bears no more failures than one less."""
    for proxy in setup.proxies:
        backends: dict[str, dict[str, int]] = {}
        for p, section, line, _, server in each(setup):
            if p is proxy and server.port == 6443:
                backends.setdefault(section.name, {}).setdefault(server.address, line)
        for name, masters in backends.items():
            if len(masters) < 3 or len(masters) % 2 == 0:
                told = f"{name} has {_counted(len(masters))}"
                yield Problem(Where(proxy.path, min(masters.values())), Severity.ERROR, told)
    known = len(setup.profile.facts.masters) if setup.profile else 0
    if known and known % 2 == 0 and not setup.proxies:
        yield Problem(setup.confs[0].instances[0][0].place, Severity.ERROR, f"there are {_counted(known)}")


def _counted(masters: int) -> str:
    """Return what so many masters, each with a member of etcd, come to."""
    if masters == 1:
        return "1 master: when it dies nothing serves until it is back; three bear a death"
    if masters == 2:
        return (
            "2 masters: with a member of etcd on each a quorum takes both, so either's death leaves no quorum, nothing "
            "can be written until it is back, and there are two that may die; three bear a death"
        )
    borne = (masters - 1) // 2
    deaths = "a death" if borne == 1 else f"{borne} deaths"
    return f"{masters} masters: with a member of etcd on each they bear {deaths}, as {masters - 1} do"
