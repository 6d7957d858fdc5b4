"""How haproxy finds out that a backend is dead: H01, H02, H07, H08, H11."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from harness.chain import elsewhere, health, mismatch
from harness.chain.sight import asks_ready
from harness.lint.rule import Account, Problem, Severity, rule
from harness.lint.setup import Proxy, Setup
from harness.predict import etcd, eviction
from harness.profile.haproxy import Level, Section, Server
from harness.profile.where import Where
from harness.verdict import Symptom

MANUAL = "https://docs.haproxy.org/2.6/configuration.html"
_COMMENT = re.compile(r"\s+#.*$")


def each(setup: Setup) -> Iterator[tuple[Proxy, Section, int, list[str], Server]]:
    """Yield every apiserver with its section, line and words, those of its default-server among them."""
    for proxy in setup.proxies:
        lines = {line: (section, words) for section in proxy.sections for line, words in section.lines}
        for server in proxy.servers:
            section, words = lines[server.at("").line]
            preset = proxy.effective(section, "default-server")
            yield proxy, section, server.at("").line, [*words, *(preset[1] if preset else [])], server


def longer(proxy: Proxy, line: int, words: str) -> str:
    """Return a line with some words more, before what is a comment."""
    text = proxy.text.splitlines()[line - 1].rstrip()
    comment = found[0] if (found := _COMMENT.search(text)) else ""
    return f"{text.removesuffix(comment)} {words}{comment}"


@rule("H01", "a backend's health", f"{MANUAL}#5.2-check")
def unchecked(setup: Setup) -> Iterator[Problem]:
    """A server without `check` gets its share of the clients for ever, also while it is dead.

    `check-ssl`, `port`, `inter` and an `option httpchk` only say how to check; without the word `check` nobody looks,
    and the statistics say "no check". A server that is checked by a mere connection passes while its process hangs, as
    the kernel accepts; one that is checked over TLS does not (L6TOUT). An agent's word (`agent-check`) is no
    health check: an agent that cannot be reached changes nothing.

    Confirmed: in a lab, where requests to a crashed node failed for as long as it was watched, and with haproxy 2.6.12
    on loopback.

    Remedy: `check`, and `option httpchk GET /readyz` with `check-ssl verify none`.
    """
    for proxy, _, line, words, server in each(setup):
        if not server.checked:
            told = f"{server.name} is never checked: it gets its share of the clients while it is dead too"
            if how := next((w for w in ("check-ssl", "agent-check") if w in words), ""):
                told += f"; {how} does not have it checked"
            fix = longer(proxy, line, "check")
            kept = Account(Symptom.BACKEND_KEPT, proxy.nodes, backend=server.name)
            yield Problem(Where(proxy.path, line), Severity.ERROR, told, fix, kept)
        elif asked := elsewhere.asked(server):
            told = (
                f"{server.name} is asked on {asked} how it is, and clients are sent to {server.address}:{server.port}: "
                "one may answer where the other does not"
            )
            yield Problem(Where(proxy.path, line), Severity.WARNING, told)
        elif server.check_level is Level.TCP:
            told = f"{server.name} is only connected to: a process that hangs passes; option httpchk GET /readyz"
            yield Problem(Where(proxy.path, line), Severity.WARNING, told)


@rule("H02", "what a check says to an apiserver", f"{MANUAL}#4-option%20httpchk")
def in_the_clear(setup: Setup) -> Iterator[Problem]:
    """An apiserver speaks TLS alone: it answers a plain request with 400, and every backend is DOWN from the start.

    `option ssl-hello-chk` does not ask for anything: it sends an SSLv3 hello, which Go's TLS answers with an alert, and
    haproxy takes that for UP. A process that hangs before TLS fails it; one that answers every request with 500, or
    hangs after the handshake, does not.

    A check says nothing of who asks. Kubernetes lets nobody in particular read /livez, /readyz, /healthz and /version,
    by GET alone, and answers 403 to all else: to `/`, to a single check as /livez/ping, to HEAD, and to OPTIONS, which
    `option httpchk` sends where no method is named, with a path too. Then every backend is DOWN as well.

    Confirmed: in labs, where every backend was DOWN and no request was answered; with haproxy 2.6.12 on loopback,
    where a 400 gave L7STS and an alert L6OK; by Kubernetes' role system:public-info-viewer.

    Remedy: `option httpchk GET /readyz` and `check check-ssl verify none`.
    """
    for proxy, section, line, _, server in each(setup):
        why = mismatch.never_up(server)
        if why and server.check_tls:
            told = f"{server.name} is never UP: {why}; option httpchk GET /readyz"
            yield Problem(Where(proxy.path, line), Severity.ERROR, told)
        elif why:
            told = f"{server.name} is never UP: {why}; check-ssl verify none"
            fix = longer(proxy, line, "check-ssl verify none")
            yield Problem(Where(proxy.path, line), Severity.ERROR, told, fix)
        elif server.checked and "option ssl-hello-chk" in server.where and section.name == server.backend:
            told = (
                "ssl-hello-chk sees whether TLS is answered, not HTTP: an apiserver that answers 500 stays in; option "
                "httpchk GET /readyz, with check-ssl verify none"
            )
            yield Problem(server.at("option ssl-hello-chk"), Severity.WARNING, told)


@rule(
    "H07",
    "how long a stopping apiserver must go on serving",
    "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/",
)
def outlived(setup: Setup) -> Iterator[Problem]:
    """Until haproxy has it DOWN, clients are sent to an apiserver that has stopped.

    `--shutdown-delay-duration` has an apiserver say on /readyz that it is about to go, and serve on for so long. Its
    default is 0: then every restart of an upgrade fails the requests of the time that an eviction takes.

    Confirmed: the time is the prediction's, which labs keep to; the option by kube-apiserver's manual.

    Remedy: `--shutdown-delay-duration` above the time that is named, with checks that ask /readyz.
    """
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
    """Without `timeout check`, `inter` bounds connecting and answering together.

    With it a connection may take the lesser of `inter` and `timeout connect`, and the answer `timeout check`.

    Confirmed: with haproxy 2.6.12 on loopback; its source, tcpcheck.c.

    Remedy: `timeout check 2s`, or what an apiserver's answer may take.
    """
    seen = set()
    for proxy, section, line, _, server in each(setup):
        if server.checked and server.timeout_check_s is None and (proxy.path, section.name) not in seen:
            seen.add((proxy.path, section.name))
            told = f"no `timeout check`: inter ({server.inter_s:g} s) bounds the whole check"
            yield Problem(Where(proxy.path, line), Severity.INFO, told)


@rule("H11", "how long a check bears with an etcd that elects", f"{MANUAL}#5.2-fall")
def impatient(setup: Setup) -> Iterator[Problem]:
    """While etcd has no leader some checks wait for it: those that are impatient may take out every apiserver at once.

    An apiserver asks etcd once a second for each of its two checks, and whoever comes then waits up to 2 s; who comes
    between is told what was so before. An election takes up to 1.9 s, in one of ten 2.9. Who is out is back only after
    `downinter` and `rise` checks, so that clients are dark for longer than etcd is.

    Confirmed: by Kubernetes' source (newETCD3Check), and for apiservers without a cache in a lab: dark for 3.55 s with
    `fall 2` and `fastinter 300ms` where etcd had a leader after 1.9.

    Remedy: a `timeout check` of 2 s, which outlasts an election, or a greater `fall`; the message names the number.
    """
    seen = set()
    for proxy, section, line, _, server in each(setup):
        if (
            (proxy.path, section.name) in seen
            or not asks_ready(server)
            or not eviction.impatient(server, etcd.FIRST_VOTE_S)
        ):
            continue
        seen.add((proxy.path, section.name))
        electing = f"{etcd.FIRST_VOTE_S:g} s, in one of ten {etcd.SECOND_VOTE_S:g}"
        soonest_s = eviction.soonest_unready_s(server)
        more = (replace(server, fall=fall) for fall in range(server.fall, 20))
        patient = next((f"fall {one.fall}, or " for one in more if not eviction.impatient(one, etcd.FIRST_VOTE_S)), "")
        told = (
            f"every apiserver may be taken out after {soonest_s:g} s while etcd elects a leader ({electing}), as "
            f"checks that wait for it fail; {patient}timeout check {health.PROBE_S:g}s"
        )
        yield Problem(Where(proxy.path, line), Severity.WARNING, told)
