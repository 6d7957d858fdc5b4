"""Which servers get connections, and when: H13–H16."""

from __future__ import annotations

from collections.abc import Iterator

from harness.chain import observing, retries, shares
from harness.chain.failure import Kind
from harness.chain.shares import Way
from harness.lint.rule import Problem, Severity, rule
from harness.lint.rules.backends import MANUAL
from harness.lint.setup import Setup
from harness.predict import eviction, traffic
from harness.profile.haproxy import Server


def _backends(setup: Setup) -> Iterator[list[Server]]:
    """Yield the servers of each backend."""
    for proxy in setup.proxies:
        for name in dict.fromkeys(server.backend for server in proxy.servers):
            yield [server for server in proxy.servers if server.backend == name]


@rule("H13", "servers that get no connections", f"{MANUAL}#5.2-weight")
def idle(setup: Setup) -> Iterator[Problem]:
    """Weight 0 gets no new connections, and backups none while another is up; then the first of them gets all.

    Where one server alone serves, everybody is sent to it until it is out.

    Confirmed: with haproxy 2.6.12 on loopback.

    Remedy: weights of 1 or more and no backups; `option allbackups` where there are several.
    """
    for servers in _backends(setup):
        for server in (s for s in servers if not s.weight):
            told = f"{server.name} gets no new connections: weight 0; weight 1, or more"
            yield Problem(server.at("weight"), Severity.WARNING, told)
        serving = shares.serving(servers, servers[0].backend)
        if len(serving) == 1 < len(servers):
            only = serving[0]
            out_s = eviction.evicted(only, 0.0, Kind.APISERVER_DEAD).bounds.max
            long = f"for up to {out_s:g} s" if only.checked else "for as long as it does"
            told = f"{only.name} alone gets connections: when it refuses, every client is sent there {long}"
            yield Problem(only.at(""), Severity.WARNING, told)
        spare = [server for server in servers if server.backup and server.weight]
        if len(spare) > 1 and not spare[0].all_backups:
            told = f"of {len(spare)} backups {spare[0].name} alone takes over; with option allbackups all do"
            yield Problem(spare[1].at("backup"), Severity.INFO, told)


@rule("H14", "a server that has come back", f"{MANUAL}#5.2-slowstart")
def slow(setup: Setup) -> Iterator[Problem]:
    """With `slowstart` a server that is back gets a growing share, where the algorithm follows weights that change.

    roundrobin, leastconn, random and a consistent hash do; static-rr, first and other hashes do not, and then it is for
    `maxconn` alone. When haproxy starts everybody has all at once.

    Confirmed: with haproxy 2.6.12 on loopback: once a second by a sixteenth, whatever the weights.

    Remedy: none where it is meant; `balance roundrobin` where it is to have an effect.
    """
    for servers in _backends(setup):
        server = next((s for s in servers if s.slowstart_s), None)
        if server is None:
            continue
        grows = traffic.warmup(server, servers)
        if not shares.choice(server).grows:
            told = f"balance {server.balance} does not follow a weight that grows: slowstart is for maxconn alone"
            yield Problem(server.at("slowstart"), Severity.WARNING, told)
        elif grows and grows.bounds:
            told = (
                f"a server that is back gets all of its share after {grows.bounds.max:g} s ({grows.why}); when haproxy "
                "starts, at once"
            )
            yield Problem(server.at("slowstart"), Severity.INFO, told)


@rule("H15", "errors of clients that count", f"{MANUAL}#5.2-observe")
def unheard(setup: Setup) -> Iterator[Problem]:
    """haproxy takes `observe` without a word where it does nothing, and takes an error or two where they are too few.

    It needs `check`, and layer7 mode http. `on-error fastinter` needs a fastinter that is written. Retries count, so
    that a single connection may reach a low `error-limit` by itself.

    Confirmed: with haproxy 2.6.12 on loopback, each of these.

    Remedy: as the message names it; an `error-limit` above what one connection tries.
    """
    for servers in _backends(setup):
        server = next((s for s in servers if s.observe != "none"), None)
        if server is None:
            continue
        seen, where = observing.of(server), server.at("observe")
        if not server.checked:
            yield Problem(where, Severity.WARNING, f"observe has no effect on {server.name}: it is not checked; check")
        elif seen is None:
            told = f"observe layer7 has no effect in mode {server.mode}: haproxy complains, and starts; observe layer4"
            yield Problem(where, Severity.WARNING, told)
        elif (errors := seen.errors(server.fall)) is None:
            if seen.hurries_s is None:
                told = "on-error fastinter has no effect where no fastinter is written; fastinter 1s"
                yield Problem(server.at("on-error"), Severity.WARNING, told)
        elif errors <= (tries := _tries(server, servers)):
            told = (
                f"one connection that fails takes {server.name} out: {tries} attempts, and {errors} errors are enough"
            )
            yield Problem(server.at("error-limit"), Severity.WARNING, told)


def _tries(server: Server, servers: list[Server]) -> int:
    """Return how often one connection is tried at a server that refuses."""
    serving = shares.serving(servers, server.backend)
    return retries.of(server).ending(False, len(serving), server.backup).attempts


@rule("H16", "who holds the fewest connections", f"{MANUAL}#4-balance")
def emptiest(setup: Setup) -> Iterator[Problem]:
    """A server that refuses holds no connections, so `leastconn` chooses it first, and a second dead one for the retry.

    Until it is out every new connection goes there; with two that refuse, retries go from one to the other.

    Confirmed: with haproxy 2.6.12 on loopback: of three servers, one dead, every connection; two dead, all were lost.

    Remedy: `balance roundrobin`; with one dead `option redispatch` is enough.
    """
    for servers in _backends(setup):
        serving = shares.serving(servers, servers[0].backend)
        if not serving or shares.choice(serving[0]).way is not Way.LEAST or len(serving) < 2:
            continue
        where = serving[0].at("balance")
        if not retries.of(serving[0]).ending(False, len(serving), serving[0].backup).elsewhere:
            told = (
                "with leastconn a server that refuses gets every new connection until it is out, as it holds none; "
                "option redispatch, or balance roundrobin"
            )
            yield Problem(where, Severity.WARNING, told)
        elif len(serving) > 2:
            told = (
                "with leastconn two servers that refuse get every connection and its retries until one is out, though "
                "another lives; balance roundrobin"
            )
            yield Problem(where, Severity.WARNING, told)
