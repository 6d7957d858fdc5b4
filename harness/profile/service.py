"""The service is what clients ask: of all that a proxy listens on what leads to the apiservers, not just the first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from harness.errors import ProfileError
from harness.profile import haproxy, nginx
from harness.profile.haproxy import Level, Section
from harness.profile.kind import Kind
from harness.profile.machines import APISERVER_PORT, Behind, address
from harness.profile.where import Where

ANYWHERE = ("", "*", "0.0.0.0", "::")
LOCAL = ("localhost", "::1")
READY = ("/readyz", "/livez", "/healthz")
# What stands beside an apiserver behind the same proxies: konnectivity, RKE2's supervisor, OpenShift's machine configs.
BESIDE = frozenset([8132, 8133, 8134, 9345, 22623, 22624])
_NAMED = re.compile(r"api|kube|k8s|control|master", re.IGNORECASE)


def local(host: str) -> bool:
    """Say whether an address is a machine's own, whichever machine that is."""
    return host in LOCAL or host.startswith("127.")


@dataclass(frozen=True)
class Listener:
    """Where a proxy listens, and one backend that it hands to from there; `binds` are (address, port).

    `servers` are the backend's that take part, `listed` all that the file has, also those that are disabled. `ready`
    says that their checks ask for an apiserver's health, `secure` that they do so over TLS. `timeout_client_s` is how
    long a client may be idle there.
    """

    name: str
    where: Where
    binds: tuple[tuple[str, int], ...]
    backend: str
    servers: tuple[Behind, ...]
    listed: tuple[Behind, ...]
    ready: bool = False
    secure: bool = False
    timeout_client_s: float = inf

    @property
    def rank(self) -> tuple[bool, ...]:
        """Return how much tells that these are apiservers, the strongest sign first."""
        ports = {server.port for server in self.servers}
        return (
            any(port and not local(host) for host, port in self.binds),
            not ports <= BESIDE,
            APISERVER_PORT in ports,
            self.ready and self.secure,
            self.ready,
            self.secure,
            bool(_NAMED.search(f"{self.name} {self.backend}")),
        )

    @property
    def telling(self) -> bool:
        """Say whether anything but its being there tells that these are apiservers."""
        return all(self.rank[:2]) and any(self.rank[2:])

    def bound(self, vips: Collection[str]) -> tuple[str, int] | None:
        """Return the first (address, port) that clients of one of the VIPs reach; None where there is none."""
        reached = ((host, port) for host, port in self.binds if port and (host in ANYWHERE or host in vips))
        return next(reached, None)


@dataclass(frozen=True)
class Taken:
    """The listener that is the service, what else leads to apiservers too, and whether anything told which it is."""

    listener: Listener
    others: tuple[Listener, ...] = ()
    told: bool = True


def taken(listeners: Sequence[Listener], port: int | None = None, vip: str = "") -> Taken | None:
    """Return the service among what a proxy listens on, at `port` and `vip` if told; None where nothing has servers.

    Raise ProfileError where nothing at that port leads to a server.
    """
    if not listeners:
        return None
    ports = sorted({bound for one in listeners for _, bound in one.binds if bound})
    among = [one for one in listeners if port in {bound for _, bound in one.binds}] if port and ports else listeners
    if not among:
        told = ", ".join(map(str, ports))
        raise ProfileError(f"{listeners[0].where}: port {port} leads to no server; those that do: {told}")
    among = [one for one in among if vip and one.bound([vip])] or among
    best = max(one.rank for one in among)
    first, *equal = [one for one in among if one.rank == best]
    others = {one.name: one for one in reversed(equal) if one.name != first.name}
    alone = len({one.name for one in among}) == 1
    return Taken(first, tuple(reversed(others.values())), bool(port) or alone or first.telling)


def of_proxy(kind: Kind, text: str, source: str) -> list[Listener]:
    """Return every listener of a haproxy.cfg or an nginx.conf; raise ProfileError with file and line."""
    if kind is Kind.NGINX:
        return list(_of_nginx(nginx.parse(text, source), source))
    return list(of_haproxy(haproxy.parse(text, source), source))


def of_haproxy(sections: list[Section], source: str) -> Iterator[Listener]:
    """Yield every listener of a haproxy with each backend that it hands to; behind them backends that nothing names."""
    serving: dict[str, list[haproxy.Server]] = {}
    for server in haproxy.servers(sections, source):
        serving.setdefault(server.backend, []).append(server)
    serving = {backend: servers for backend, servers in serving.items() if not all(s.disabled for s in servers)}
    reached = set()
    for front in haproxy.frontends(sections, source):
        for backend in front.backends:
            if servers := serving.get(backend):
                reached.add(backend)
                found = _listener(front.name, front.at(""), front.binds, servers)
                yield replace(found, timeout_client_s=front.timeout_client_s)
    for backend, servers in serving.items():
        if backend not in reached:
            yield _listener("", servers[0].at(""), (), servers)


def _listener(
    name: str, where: Where, binds: tuple[tuple[str, int], ...], listed: Sequence[haproxy.Server]
) -> Listener:
    servers = tuple(server for server in listed if not server.disabled)
    asked = any(path in word for s in servers for word in s.check_asks for path in READY)
    secure = any(s.check_tls or s.check_level is Level.TLS for s in servers)
    return Listener(name, where, binds, servers[0].backend, servers, tuple(listed), asked, secure)


def _of_nginx(root: nginx.Directive, source: str) -> Iterator[Listener]:
    """Yield every stream server of an nginx that passes to an upstream."""
    for one in nginx.streams(root, source):
        if one.upstreams:
            yield Listener(one.group, one.at(""), one.binds, one.group, one.upstreams, one.upstreams)


def counted(listener: Listener, known: Container[str]) -> None:
    """Raise ProfileError where a server's name stands for several, and is not among those whose address is known."""
    for name, servers in several(listener.listed).items():
        if name not in known:
            told = f"{name} stands for {servers} servers, and no file tells their addresses"
            raise ProfileError(f"{listener.where}: {told}; write a `server` line for each")


def several(servers: Sequence[Behind]) -> dict[str, int]:
    """Return the names that stand for more than one server, and for how many."""
    counts = Counter(server.address for server in servers if address(server.address) is None)
    return {name: count for name, count in counts.items() if count > 1}
