"""What haproxy.cfg says and does not mean: H18, H19, H21."""

from __future__ import annotations

from collections.abc import Iterator

from harness.chain import mismatch
from harness.lint.rule import Problem, Severity, rule
from harness.lint.rules.backends import MANUAL, each
from harness.lint.setup import Proxy, Setup
from harness.profile import haproxy
from harness.profile.haproxy import Section
from harness.profile.haproxy.check import KINDS
from harness.profile.where import Where


@rule("H18", "TLS that only one side speaks", f"{MANUAL}#5.2-ssl")
def twice(setup: Setup) -> Iterator[Problem]:
    """In mode tcp clients speak TLS with the apiserver itself; `ssl` has haproxy wrap that into TLS once more.

    The apiserver reads the outer layer, finds a TLS hello where a request should be, and answers 400. The checks go
    over TLS as they should, and pass: everything looks green, and no client is ever served.

    So it is the other way round: a `bind` with `ssl crt` takes TLS off, and servers without `ssl` get what is left; in
    mode http without either, haproxy reads a TLS hello for a request.

    Confirmed: in a lab, where every backend was UP and no request was answered; the other ways by haproxy 2.6.12 on
    loopback.

    Remedy: `check-ssl verify none` in the place of `ssl`; or a frontend that speaks TLS itself (`bind` with `ssl crt`)
    before servers that do, too.
    """
    for proxy, section, line, _, server in each(setup):
        fronts = _leading(proxy, section)
        if fronts and (why := mismatch.garbled(server, any(front.tls for front in fronts))):
            told = f"{server.name}: {why}: its checks may pass, and no client is understood"
            old = proxy.text.splitlines()[line - 1].split(" ")
            swaps = server.tls and "ssl" in old
            fix = " ".join("check-ssl" if word == "ssl" else word for word in old) if swaps else None
            yield Problem(Where(proxy.path, line), Severity.ERROR, told, fix)


@rule("H23", "the PROXY protocol before an apiserver", f"{MANUAL}#5.2-send-proxy")
def prefaced(setup: Setup) -> Iterator[Problem]:
    """`send-proxy` has haproxy say first on whose behalf it comes; an apiserver takes that for a broken TLS hello.

    It ends each connection. Checks that connect and no more pass all the same; those that speak TLS or HTTP say the
    line first, too, and fail, so that every backend is DOWN.

    Confirmed: in a lab with checks over TLS, where every backend was DOWN and no request was answered.

    Remedy: `send-proxy` is for servers that expect it, as an ingress that says so; take it out here.
    """
    for proxy, _, line, _, server in each(setup):
        if mismatch.prefaced(server):
            told = f"{server.name}: send-proxy, which no apiserver understands: no client is ever served"
            yield Problem(Where(proxy.path, line), Severity.ERROR, told)


def _leading(proxy: Proxy, section: Section) -> list[haproxy.Frontend]:
    fronts = haproxy.frontends(proxy.sections, proxy.path)
    return [front for front in fronts if section.name in front.backends]


@rule("H19", "one check, chosen twice", f"{MANUAL}#4-option%20ssl-hello-chk")
def overridden(setup: Setup) -> Iterator[Problem]:
    """Of several options that choose a section's health check the last one holds, and the others are forgotten.

    `option httpchk GET /healthz` followed by `option ssl-hello-chk` sends a TLS hello and nothing else, and what
    `http-check expect` says is never looked at.

    Confirmed: with haproxy 2.6.12 on loopback, whose server heard nothing but the hello.

    Remedy: take out all but the one that is meant; `check-ssl verify none` has an httpchk go over TLS.
    """
    for proxy in setup.proxies:
        checked = {id(section) for p, section, _, _, server in each(setup) if p is proxy and server.checked}
        for section in proxy.sections:
            given = [(line, words[1]) for line, words in section.lines if words[0] == "option" and words[1:2]]
            chosen = [(line, kind) for line, kind in given if kind in KINDS]
            if id(section) in checked and len({kind for _, kind in chosen}) > 1:
                held = chosen[-1][1]
                for line, kind in chosen[:-1]:
                    if kind != held:
                        told = f"option {kind} has no effect: option {held} comes later, and is all that is checked"
                        yield Problem(Where(proxy.path, line), Severity.WARNING, told)


@rule("H21", "a server that an agent speaks for", f"{MANUAL}#5.2-agent-check")
def by_agent(setup: Setup) -> Iterator[Problem]:
    """What an agent says of its server is in none of these files, so when that is taken out or in is not known.

    It may mark it DOWN, drain it, or change its weight. An agent that cannot be reached changes nothing, so that it
    does not stand in for `check`; one that has said "down" and ends leaves its server out.

    Confirmed: by haproxy's manual, 5.2; with 2.6.12 on loopback, where a dead server with an agent that was dead too
    stayed "no check".

    Remedy: none is needed where the agent is meant; how long such a server stays in is not predicted.
    """
    for proxy, _, line, _, server in each(setup):
        if server.agent:
            told = f"{server.name}: an agent may take it out or in, by what is in none of these files: not understood"
            yield Problem(Where(proxy.path, line), Severity.WARNING, told)
