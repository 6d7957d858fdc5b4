"""What a check script sees on its node: its looks, each placed on what the chain has there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache

from harness.chain.front import PLAIN, UNTOLD, Front, fronts
from harness.chain.health import needs_etcd
from harness.chain.look import (
    NO_LIMIT_S,
    Asked,
    HasAddress,
    Look,
    Lookup,
    Pinged,
    Tree,
    Verdict,
    in_words,
    looks,
    mapped,
    pruned,
    verdicts,
)
from harness.chain.script import reading
from harness.chain.user import runs_as, signals
from harness.profile.files import HAPROXY
from harness.profile.folder import Profile
from harness.profile.haproxy import Server
from harness.profile.keepalived import Script
from harness.profile.machines import address

_OF_OTHERS = re.compile(r"\b(?:lsof|fuser)\b|\b(?:ss|netstat)\s+-\w*p")
_WRITES = re.compile(r">\s*[\"']?(?:/(?!dev/)|\$)")
_PATH = re.compile(r"(?<!\S)/[^\s\\]*")
LOCAL = ("localhost", "::1", "0.0.0.0", "0", "::", "")


class Way(Enum):
    """What answers a request: a load balancer for any backend, or for itself alone, or the apiserver."""

    BALANCER = auto()
    PROXY = auto()
    APISERVER = auto()


@dataclass(frozen=True)
class Request:
    """Passes when a request is answered within `limit_s`; `minds` says whether an error status fails it.

    `asks_ready` says that the answer depends on etcd's quorum, `connects` that a TCP connection is all it wants,
    `on_owner` that it goes to the VIP, and so to whoever has it. A proxy that is asked how it is says 503 with fewer
    than so many servers up as it `needs`; UNTOLD where nobody can tell when it does. `printed` is what one before it
    printed, which takes no time.
    """

    way: Way
    minds: bool | None
    asks_ready: bool
    connects: bool
    limit_s: float = NO_LIMIT_S
    on_owner: bool = False
    port: int = 0
    needs: int = 0
    printed: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class HasVip:
    """Passes while the node holds the VIP."""


@dataclass(frozen=True)
class Refused:
    """Passes never: `user` may not signal the process, and whoever asks by a signal is told so."""

    user: str
    process: str


@dataclass(frozen=True)
class Elsewhere:
    """A look at something that no file tells of; what it sees is not known."""

    look: Look


Probe = Lookup | Request | HasVip | Refused | Elsewhere
Sight = Tree[Probe]


def sight(profile: Profile, node: str, command: str, user: str = "") -> Sight:
    """Return what a vrrp_script's command comes to on a node; `user` is script_user unless given."""
    programs = tuple((file.path, file.text) for file in profile.files[node])
    user = user or runs_as(profile, node)[0]
    read = _read(command, programs)
    if why := _beyond(user, command, programs, read):
        return Verdict(None, why)
    asked = pruned(read, lambda look: _of_itself(profile, node, look))
    return mapped(asked, lambda look: _placed(profile, node, look, user))


def _beyond(user: str, command: str, programs: tuple[tuple[str, str], ...], read: Tree[Look]) -> str:
    """Return what a script does for which its user may lack the right, "" where that is nothing."""
    if user in ("root", ""):
        return ""
    said = "\n".join([command, *(text for path, text in programs if path in command)])
    if any(verdict.stops for verdict in verdicts(read)):
        return f"whether {user} may stop keepalived is not known"
    if _OF_OTHERS.search(said):
        return f"{user} is not shown whose sockets others' are"
    return f"whether {user} may write where it writes is not known" if _WRITES.search(said) else ""


def _of_itself(profile: Profile, node: str, look: Look) -> Verdict | None:
    """Return what comes of a look whatever happens; None where that depends on what does."""
    return _refused(profile, node, look) or _far(profile, look)


def _here(profile: Profile, node: str, host: str) -> bool:
    """Say whether a node means itself by a host, or the VIP."""
    local = host in LOCAL or host.startswith("127.")
    return local or host in (node, str(profile.facts.nodes[node]), str(profile.facts.vip))


def _refused(profile: Profile, node: str, look: Look) -> Verdict | None:
    """Return what comes, for who minds a status, of asking an apiserver in the clear, or for what it shows not all."""
    if not isinstance(look, Asked) or not _told_by_apiserver(profile, node, look):
        return None
    if not look.tls:  # net/http says so
        return Verdict(False, f"port {look.port} speaks TLS, and answers 400 to who asks in the clear")
    if look.trusts is None or look.open is not False:
        return None
    return Verdict(False, f"{look.path} is answered 403 to who says nothing of itself, unless RBAC was widened for it")


def _told_by_apiserver(profile: Profile, node: str, look: Asked) -> bool:
    """Say whether the status that a request minds is an apiserver's: no load balancer speaks for itself, or for it."""
    if look.minds is not True or look.connects or not _here(profile, node, look.host):
        return False
    spoken = any(server.tls or server.mode == "http" for server in profile.servers.get(node, []))
    way = _way(profile, node, look)
    return way is Way.APISERVER or (way is Way.BALANCER and not spoken)


def _far(profile: Profile, look: Look) -> Verdict | None:
    """Return what comes of a ping to what is no machine of the profile, as a gateway: no failure here is its own."""
    if not isinstance(look, Pinged) or address(look.host) is None:
        return None
    if look.host in (str(profile.facts.vip), *map(str, profile.facts.nodes.values())):
        return None
    return Verdict(True, f"{look.host} is no machine of these files, and is taken to answer")


def of_script(profile: Profile, node: str, script: Script) -> Sight:
    """Return what a vrrp_script comes to on a node; not known where it is not known whether keepalived runs it."""
    return Verdict(None, script.doubt) if script.doubt else sight(profile, node, script.command, script.user)


def understood(seen: Sight) -> bool:
    """Say whether it is known how every run ends."""
    return all(v.passes is not None for v in verdicts(seen)) and not any(isinstance(p, Elsewhere) for p in looks(seen))


def unknown(seen: Sight) -> str:
    """Return what keeps a script from being understood; "" where nothing does."""
    told = [verdict.why for verdict in verdicts(seen) if verdict.passes is None]
    told += [_unplaced(one.look) for one in looks(seen) if isinstance(one, Elsewhere)]
    return "; ".join(dict.fromkeys(told))


def _unplaced(look: Look) -> str:
    """Return why what a look sees is not known."""
    if isinstance(look, Lookup):
        return f"whether its user may signal {look.process} is not known"
    if isinstance(look, Asked) and look.trusts is None:
        return f"whether the certificate that {look.host}:{look.port} shows is trusted, and has that name, is not known"
    return f"{in_words(look)} is not in these files"


def asks(seen: Sight) -> bool:
    """Say whether a script asks for an answer, which may need more than the node itself."""
    return any(isinstance(look, Request) and not look.connects for look in looks(seen))


def asks_ready(server: Server) -> bool:
    """Say whether a haproxy's checks ask for a path whose answer depends on etcd."""
    asked = (path for word in server.check_asks for path in _PATH.findall(word))
    return server.layer7 and any(map(needs_etcd, asked))


def told(profile: Profile, seen: Sight) -> str:
    """Return in a few words what a script looks at."""
    if why := unknown(seen):
        known = ", and ".join(
            dict.fromkeys(_told(profile, one) for one in looks(seen) if not isinstance(one, Elsewhere))
        )
        return f"{known}; what else it does is not understood ({why})" if known else f"is not understood ({why})"
    if isinstance(seen, Verdict):
        return f"{'passes' if seen.passes else 'fails'} whatever happens" + (f" ({seen.why})" if seen.why else "")
    return ", and ".join(dict.fromkeys(_told(profile, look) for look in looks(seen)))


def _told(profile: Profile, look: Probe) -> str:
    match look:
        case Lookup(process=process):
            return f"looks whether a process named {process} exists"
        case HasVip():
            return "looks whether the node has the VIP"
        case Refused(user=user, process=process):
            return f"asks by a signal, which {user} may not send to {process}: it fails whatever happens"
        case Elsewhere():
            return f"looks {in_words(look.look)}"
    where = f"port {look.port}{' of the VIP' if look.on_owner else ''}"
    if look.way is Way.BALANCER:
        where += f", through {profile.front} to any backend"
    if look.connects:
        return f"looks whether {where} is open"
    if look.needs:
        where += ", which is red by a condition of its own" if look.needs == UNTOLD else ""
        where += f", which is red with fewer than {look.needs} servers up" if look.needs > 0 else ""
    return f"asks {where} over HTTP, and {'fails' if look.minds else 'does not fail'} on an error status"


@lru_cache(1000)
def _read(command: str, programs: tuple[tuple[str, str], ...]) -> Tree[Look]:
    return reading(command, dict(programs))


def _placed(profile: Profile, node: str, look: Look, user: str) -> Probe:
    match look:
        case Lookup(process=process, signals=True) if not (may := signals(profile, node, user, process)):
            return Elsewhere(look) if may is None else Refused(user, process)
        case Lookup(process=process):
            return Lookup(process)
        case HasAddress(address=address):
            return HasVip() if address == str(profile.facts.vip) else Elsewhere(look)
        case Pinged():
            return Elsewhere(look)
    on_owner = look.host == str(profile.facts.vip)
    own = {*LOCAL, node, str(profile.facts.nodes[node])}
    way = _way(profile, node, look) if on_owner or look.host in own or look.host.startswith("127.") else None
    doubted = look.trusts is None or (look.open is None and _told_by_apiserver(profile, node, look))
    if way is Way.PROXY and look.minds is not False and not look.connects:
        doubted |= look.open is not True and _fronts(profile, node).get(look.port, PLAIN).secret
    if way is None or doubted:
        return Elsewhere(look)
    needs = 0 if look.connects or way is not Way.PROXY else _fronts(profile, node).get(look.port, PLAIN).needs
    asks = needs_etcd(look.path)
    return Request(way, look.minds, asks, look.connects, look.limit_s, on_owner, look.port, needs, look.printed)


def _way(profile: Profile, node: str, look: Asked) -> Way | None:
    """Return what listens on a port of a node."""
    if not profile.balanced:
        return Way.APISERVER if look.port in (profile.facts.port, profile.facts.apiserver_port) else None
    heard = _fronts(profile, node)
    if look.port in heard:
        front = heard[look.port]
        if not front.hears("127.0.0.1" if look.host in ("0.0.0.0", "0", "") else look.host):
            return None
        return Way.BALANCER if front.leads and (not front.answered or look.path != front.answered) else Way.PROXY
    behind = {server.port for server in profile.servers.get(node, [])} or {profile.facts.apiserver_port}
    return Way.APISERVER if look.port in behind else None


def _fronts(profile: Profile, node: str) -> dict[int, Front]:
    file = next((f for f in profile.files[node] if f.path == HAPROXY), None)
    return fronts(file.text, file.source, profile.facts.port) if file else {profile.facts.port: PLAIN}
