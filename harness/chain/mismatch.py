"""Where a load balancer and the apiservers speak past each other: nobody is served, though everything runs.

An apiserver speaks TLS and nothing else. A request in the clear it answers with 400 (Go's net/http), which a haproxy's
httpchk takes for a failure unless it is told to expect just that: no backend is ever UP. It answers 403 to who says
nothing of itself and asks for more than all may read, and a check says nothing of itself. And where haproxy itself
encrypts what it passes on (`ssl` on a server in mode tcp), the apiserver finds inside the TLS that clients speak.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from harness.chain import health
from harness.profile import haproxy
from harness.profile.files import HAPROXY
from harness.profile.folder import Profile
from harness.profile.haproxy import Level, Server

ENCRYPTED = (6443, 443)
CLEAR = (80, 8080)
# What is answered to who asks well; in the clear, or without a Host; for what not all may read; without an etcd.
OK, BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, FAILED = 200, 400, 401, 403, 500


def never_up(server: Server) -> str:
    """Return why a server's checks fail though its apiserver is well; "" where they may pass."""
    own = server.check_port == server.port and server.mode == "tcp" and server.port not in CLEAR
    if not server.checked or server.check_level is not Level.HTTP or not (own or server.check_port in ENCRYPTED):
        return ""
    if server.check_tls:
        return refused(server)
    if takes(server.check_expects, BAD_REQUEST) is not False:
        return ""
    return f"the check asks in the clear on port {server.check_port}, where TLS is spoken, and is answered 400"


def refused(server: Server) -> str:
    """Return why an apiserver that is well does not answer a server's checks as they expect; "" where it may."""
    expects = server.check_expects
    if takes(expects, UNAUTHORIZED):  # somebody who knows that no anonymous request is answered at all
        return ""
    if server.check_hostless and takes(expects, BAD_REQUEST) is False:
        return "the check says HTTP/1.1 and names no Host, which is answered 400"
    if server.check_request is None:
        return ""
    asked, open_to_all = " ".join(server.check_request), health.open_to_all(*server.check_request)
    if open_to_all is False and takes(expects, FORBIDDEN) is False:
        return f"{asked} is answered 403 to who says nothing of itself, unless RBAC was widened for it"
    if open_to_all and takes(expects, OK, health.body(server.check_request[1])) is False:
        return f"{asked} is answered 200, and the check expects {' '.join(expects[0])}"
    return ""


def content(server: Server, etcd: bool) -> bool | None:
    """Say whether a server's checks take an apiserver's 500 for an answer, one without its `etcd` or any."""
    return server.layer7 and takes(server.check_expects, FAILED, health.WITHOUT if etcd else None)


def garbled(server: Server, front_tls: bool) -> str:
    """Return why no client of a server is understood, behind a frontend that does or does not speak TLS itself."""
    if front_tls and not server.tls:
        return "a frontend with `ssl` takes off TLS, and an apiserver speaks nothing else; `ssl` on its servers, too"
    if server.mode == "http" and not server.tls:
        return "in mode http haproxy reads what clients say, which is TLS; mode tcp, or `ssl` on both sides"
    if not server.tls or server.mode != "tcp" or front_tls:
        return ""
    return "`ssl` has haproxy encrypt once more what clients have encrypted: TLS in TLS"


def prefaced(server: Server) -> str:
    """Return why no client of a server is understood to whom haproxy says first on whose behalf it comes."""
    return (
        "send-proxy begins with a line that no apiserver understands: it ends each connection"
        if server.send_proxy
        else ""
    )


def of(profile: Profile, node: str) -> str:
    """Return why nobody is served through a node's load balancer, whatever fails or heals; "" where somebody may."""
    servers = profile.servers.get(node, [])
    file = next((file for file in profile.files[node] if file.path == HAPROXY), None)
    if file is None or not servers:
        return ""
    tls = _speaks_tls(file.text, file.source, profile.facts.port)
    why = [never_up(server) or garbled(server, tls) or prefaced(server) for server in servers]
    return f"no client is ever served through {node}: {why[0]}" if all(why) else ""


@lru_cache(100)
def _speaks_tls(text: str, source: str, port: int) -> bool:
    """Say whether the frontend on a port speaks TLS itself."""
    fronts = haproxy.frontends(haproxy.parse(text, source), source)
    return any(front.tls for front in fronts if port in [bound for _, bound in front.binds])


def takes(expected: tuple[tuple[str, ...], ...], status: int, body: str | None = None) -> bool | None:
    """Say whether an answer is what is expected; without a word on it only 2xx and 3xx are. None where nobody knows."""
    said = {_is(words, status, body) for words in expected} or {status < BAD_REQUEST}
    return False if False in said else None if None in said else True


def _is(words: tuple[str, ...], status: int, body: str | None) -> bool | None:
    negated = "!" in words
    for kind, value in pairwise(words):
        match kind:
            case "status":
                return negated != any(_within(status, part) for part in value.split(","))
            case "rstatus":
                return _fits(value, str(status), negated)
            case "string" if body is not None:
                return negated != (value in body)
            case "rstring" if body is not None:
                return _fits(value, body, negated)
    return None


def _fits(pattern: str, text: str, negated: bool) -> bool | None:
    try:
        return negated != bool(re.search(pattern, text))
    except re.error:
        return None


def _within(status: int, said: str) -> bool:
    low, _, high = said.partition("-")
    return low.isdecimal() and int(low) <= status <= int(high if high.isdecimal() else low)
