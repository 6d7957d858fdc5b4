"""What a check script looks at, read from its text, and so which failures it can see at all."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.model.failure import Kind
from harness.model.vrrp import Router
from harness.profile.keepalived import Script

_NAME = re.compile(r"\b(?:killall\s+(?:-\S+\s+)*|pidof\s+(?:-\S+\s+)*|pgrep\s+(?:-\S+\s+)*)[\"']?([\w./-]+)")
_URL = re.compile(r"https?://\S+?:(\d+)")
_PORT = re.compile(r"/dev/tcp/\S+?/(\d+)|\bnc\s+(?:-\S+\s+)*\S+\s+(\d+)|\b(?:ss|netstat|lsof)\b.*?:(\d+)")
_LIMIT = re.compile(r"(?:--max-time|-m|--timeout|-T)[ =](\d+(?:\.\d+)?)")
_FAILS_ON_STATUS = re.compile(r"\bcurl\b.*(?:\s-[a-zA-Z]*f|\s--fail)|\bwget\b|%\{http_code\}")
_ASSIGNED = re.compile(r"^\s*(?:export\s+)?(\w+)=[\"']?([^\s\"';]+)", re.M)


@dataclass(frozen=True)
class Look:
    """What a script asks: a process by its name, or a port; `status` whether an HTTP error fails it.

    `limit_s` is how long a request may hang before the script itself gives up; None where it does not.
    """

    names: tuple[str, ...] = ()
    port: int | None = None
    http: bool = False
    status: bool = False
    limit_s: float | None = None

    @property
    def understood(self) -> bool:
        return bool(self.names) or self.port is not None


def look(text: str) -> Look:
    """Return what the text of a script and its command looks at; comments say nothing."""
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for name, value in _ASSIGNED.findall(code):
        code = code.replace(f"${{{name}}}", value).replace(f"${name}", value)
    limits = [float(limit) for limit in _LIMIT.findall(code)]
    url, port = _URL.search(code), _PORT.search(code)
    number = url[1] if url else next((group for group in port.groups() if group), None) if port else None
    return Look(
        names=tuple(name.rpartition("/")[2] for name in _NAME.findall(code)),
        port=int(number) if number else None,
        http=url is not None,
        status=bool(_FAILS_ON_STATUS.search(code)),
        limit_s=min(limits, default=None),
    )


def fails_after_s(router: Router, node: str, script: Script, kind: Kind) -> float | None:
    """Return how long a run of a script takes to fail once `kind` has happened on its node; None where it passes."""
    seen = look(router.program(node, script))
    patience_s = min(script.timeout_s, seen.limit_s if seen.limit_s is not None else script.timeout_s)
    failing = router.fails(kind, node).process
    dead = kind in (Kind.PROXY_DEAD, Kind.APISERVER_DEAD)
    if dead and (failing in seen.names or not seen.understood):
        return 0.0
    if seen.port is None or not _reaches(router, node, seen.port, kind):
        return None
    if kind.hangs:
        return patience_s if seen.http else None  # the kernel of a hung process still completes a connection
    if kind in (Kind.APISERVER_ERRORS, Kind.ETCD_DEAD):
        return 0.0 if seen.status else None
    return 0.0 if dead else None


def _reaches(router: Router, node: str, port: int, kind: Kind) -> bool:
    """Say whether a request to a port of the node ends at what failed: a load balancer asks another backend instead."""
    front = port == router.profile.facts.port
    behind = router.profile.balanced
    if kind in (Kind.PROXY_DEAD, Kind.PROXY_HUNG):
        return front and behind
    return not front or not behind


def asks(router: Router, node: str) -> bool:
    """Say whether a script on a node asks over HTTP, which may need more to answer than the node itself."""
    return any(look(router.program(node, script)).http for script in router.scripts(node))


def told(router: Router, node: str, script: Script) -> str:
    """Return in a few words what a script looks at."""
    seen = look(router.program(node, script))
    if seen.names:
        return f"looks whether a process named {' or '.join(seen.names)} exists"
    if seen.port is None:
        return "is not understood; it is taken to see a dead process, and nothing else"
    where = f"port {seen.port}"
    if seen.port == router.profile.facts.port and router.profile.balanced:
        where += f", through {router.profile.front} to any backend"
    if not seen.http:
        return f"looks whether {where} is open"
    return f"asks {where} over HTTP, and {'fails' if seen.status else 'does not fail'} on an error status"
