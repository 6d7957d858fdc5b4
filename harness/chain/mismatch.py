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
IN_THE_CLEAR, FORBIDDEN = 400, 403  # what is answered to a plain request, and to nobody in particular


def never_up(server: Server) -> str:
    """Return why a server's checks fail though its apiserver is well; "" where they may pass."""
    if not server.checked or server.check_level is not Level.HTTP or server.check_port not in ENCRYPTED:
        return ""
    if server.check_tls:
        return forbidden(server)
    if _takes(server.check_expects, IN_THE_CLEAR):
        return ""
    return f"the check asks in the clear on port {server.check_port}, where TLS is spoken, and is answered 400"


def forbidden(server: Server) -> str:
    """Return why an apiserver answers a server's checks with 403; "" where it does not, or where that is expected."""
    asked = server.check_request
    if asked is None or health.open_to_all(*asked) is not False or _takes(server.check_expects, FORBIDDEN):
        return ""
    return f"{' '.join(asked)} is answered 403 to who says nothing of itself, unless RBAC was widened for it"


def garbled(server: Server, front_tls: bool) -> str:
    """Return why no client of a server is understood, behind a frontend that does or does not speak TLS itself."""
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


def _takes(expected: tuple[tuple[str, ...], ...], status: int) -> bool:
    """Say whether an answer with a status may be what is expected; without a word on it only 2xx and 3xx are."""
    return bool(expected) and all(_may_be(words, status) for words in expected)


def _may_be(words: tuple[str, ...], status: int) -> bool:
    negated = "!" in words
    for kind, value in pairwise(words):
        if kind == "status":
            return negated != any(_within(status, part) for part in value.split(","))
        if kind == "rstatus":
            return negated != bool(re.search(value, str(status)))
    return True  # what the answer's text holds is not known


def _within(status: int, said: str) -> bool:
    low, _, high = said.partition("-")
    return low.isdecimal() and int(low) <= status <= int(high if high.isdecimal() else low)
