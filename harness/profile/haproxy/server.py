"""The servers of backends: their checks, and what becomes of clients when one dies (haproxy 2.6)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from harness.errors import ProfileError
from harness.profile.haproxy import address
from harness.profile.haproxy.backend import Backend, backend
from harness.profile.haproxy.check import Level
from harness.profile.haproxy.options import Options, Said, further
from harness.profile.haproxy.section import Section
from harness.profile.haproxy.values import number
from harness.profile.where import Placed, Where

MOST_TEMPLATE = 10_000
_RANGE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)
OBSERVES = ("none", "layer4", "layer7")
# What a server has of the one that it tracks.
_CHECKING = """
checked layer7 inter_s fastinter_s downinter_s fall rise timeout_check_s agent check_level check_tls check_asks
check_request check_hostless check_several check_expects check_address check_port
"""
_CHECK_WORDS = frozenset(
    ["check", "inter", "fastinter", "downinter", "fall", "rise", "addr", "check-ssl", "timeout check", "option httpchk"]
)
ON_ERROR = ("fail-check", "fastinter", "sudden-death", "mark-down")


@dataclass(frozen=True)
class Server(Placed):
    """A backend's server; every value is the one that takes effect, times in seconds.

    An unset timeout is infinite, but `timeout_check_s` and `timeout_tunnel_s` are None. `address` is a name where
    the file has one; `port` 0 is the client's own. `redispatch`: None off, n > 0 every n-th retry, -1 the last one.
    `retry_on` are the words of what is tried again, `check_asks` those of what a check asks for, `check_request` method
    and path of an HTTP check that says nothing of who asks, `check_expects` the words of each answer that it awaits.
    `where` also has `timeout connect` and the like, `option redispatch`, `option httpchk`, `http-check connect`.
    """

    backend: str
    name: str
    address: str
    port: int
    checked: bool
    layer7: bool
    inter_s: float
    fastinter_s: float
    downinter_s: float
    fall: int
    rise: int
    timeout_connect_s: float
    timeout_check_s: float | None
    timeout_server_s: float
    timeout_queue_s: float
    timeout_tunnel_s: float | None
    mode: str
    balance: str
    hash_type: str
    sticks: bool
    retries: int
    retry_on: tuple[str, ...]
    redispatch: int | None
    check_level: Level
    check_tls: bool
    check_asks: tuple[str, ...]
    check_request: tuple[str, str] | None
    check_hostless: bool
    check_several: bool
    check_expects: tuple[tuple[str, ...], ...]
    check_address: str
    check_port: int
    tls: bool
    verify: str
    ca_file: str
    on_marked_down_shutdown: bool
    observe: str
    error_limit: int
    on_error: str
    slowstart_s: float
    weight: int
    maxconn: int
    backup: bool
    all_backups: bool
    disabled: bool
    send_proxy: bool
    agent: bool
    track: str

    @property
    def observes(self) -> bool:
        """Say whether its clients' errors count: haproxy ignores `observe` without a check, layer7 but in mode http."""
        return self.checked and (self.observe == "layer4" or (self.observe == "layer7" and self.mode == "http"))


def servers(sections: list[Section], name: str = "") -> Iterator[Server]:
    """Yield every server with the settings that take effect; raise ProfileError with file and line of a bad one.

    One that tracks another goes out and in with that one, whose check it has. `name` is the file's where the sections
    do not know it.
    """
    listed = list(_listed(sections, name))
    known = {f"{one.backend}/{one.name}": one for one in listed}
    for server in listed:
        checking, seen = server, set[str]()
        while checking.track and checking.track not in seen:
            seen.add(checking.track)
            other = tracked(checking, known)
            if other is None:
                break
            checking = other
        yield _checked_as(server, checking) if checking is not server else server


def tracked(server: Server, known: Mapping[str, Server]) -> Server | None:
    """Return the server that one tracks, of those `known` by backend and name; None where there is none."""
    return known.get(server.track, known.get(f"{server.backend}/{server.track}"))


def _checked_as(server: Server, checking: Server) -> Server:
    where = {word: place for word, place in checking.where.items() if word in _CHECK_WORDS}
    own = {word: place for word, place in server.where.items() if word not in _CHECK_WORDS}
    return replace(server, where=own | where, **{name: getattr(checking, name) for name in _CHECKING.split()})


def _listed(sections: list[Section], name: str) -> Iterator[Server]:
    presets: dict[int, Options] = {}
    for section in sections:
        options = presets.get(id(section.defaults), {})
        serving = backend(section) if section.kind in ("backend", "listen") else None
        for line, words in section.lines:
            where = Where(section.path or name, line)
            try:
                match words:
                    case ["default-server", *rest]:
                        options = further(options, rest, where)
                    case ["server", own, target, *rest] if serving:
                        yield _server(serving, own, target, further(options, rest, where), where)
                    case ["server-template", prefix, numbers, target, *rest] if serving:
                        one = _server(serving, prefix, target, further(options, rest, where), where)
                        yield from (replace(one, name=f"{prefix}{n}") for n in _numbers(numbers))
                    case ["server" | "server-template" as kind, *_] if serving:
                        raise ValueError(f"{kind} takes a name and an address")
            except ValueError as error:
                raise ProfileError(f"{where}: {' '.join(words[:2])}: {error}") from error
        presets[id(section)] = options


def _server(serving: Backend, name: str, target: str, options: Options, where: Where) -> Server:
    host, own_port = address.split(target)
    port = address.port(own_port) if own_port[:1] not in ("", "+", "-") else 0
    check_address, check_port = serving.checks.target(options, host, port)
    if "check" in options and not check_port and not address.local(target):
        raise ValueError(f"{target} has no port to check; give it one, or the server a `port`")
    said = Said(options)
    inter = said.word("inter", "2s")
    level = serving.checks.level(options)
    never = float("inf")
    timeouts_s = {kind: value or never for kind, value in serving.timeouts_s.items()}
    return Server(
        where={**serving.where, **{word: option.where for word, option in options.items()}, "": where},
        backend=serving.name,
        name=name,
        address=host,
        port=port,
        checked="check" in options,
        layer7=level in (Level.HTTP, Level.ANSWER),
        inter_s=said.seconds("inter", inter),
        fastinter_s=said.seconds("fastinter", inter),
        downinter_s=said.seconds("downinter", inter),
        fall=number(said.word("fall", "3"), 1),
        rise=number(said.word("rise", "2"), 1),
        timeout_connect_s=timeouts_s.get("connect", never),
        timeout_check_s=timeouts_s.get("check"),
        timeout_server_s=timeouts_s.get("server", never),
        timeout_queue_s=timeouts_s.get("queue", timeouts_s.get("connect", never)),
        timeout_tunnel_s=timeouts_s.get("tunnel"),
        mode=serving.mode,
        balance=serving.balance,
        hash_type=serving.hash_type,
        sticks=serving.sticks,
        retries=serving.retries,
        retry_on=serving.retry_on,
        redispatch=serving.redispatch,
        check_level=level,
        check_tls=serving.checks.tls(options),
        check_asks=serving.checks.asks,
        check_request=serving.checks.request(options),
        check_hostless=serving.checks.hostless,
        check_several=serving.checks.rules.several,
        check_expects=serving.checks.rules.expected,
        check_address=check_address,
        check_port=check_port,
        tls="ssl" in options,
        verify=said.word("verify", ""),
        ca_file=said.word("ca-file", ""),
        on_marked_down_shutdown=said.word("on-marked-down", "") == "shutdown-sessions",
        observe=said.one_of("observe", OBSERVES),
        error_limit=number(said.word("error-limit", "10"), 1),
        on_error=said.one_of("on-error", ON_ERROR),
        slowstart_s=float(math.ceil(said.seconds("slowstart", "0", least_s=0.0))),  # haproxy has it in whole seconds
        weight=number(said.word("weight", "1"), 0, 256),
        maxconn=number(said.word("maxconn", "0"), 0),
        backup="backup" in options,
        all_backups=serving.all_backups,
        disabled="disabled" in options,
        send_proxy=bool({"send-proxy", "send-proxy-v2"} & options.keys()),
        agent="agent-check" in options,
        track=said.word("track", ""),
    )


def _numbers(said: str) -> range:
    """Return the numbers of a server-template: 3 is 1 to 3."""
    found = _RANGE.fullmatch(said)
    if not found:
        raise ValueError(f"{said!r} is neither a number nor a range")
    low, high = (int(found[1]), int(found[2])) if found[2] else (1, int(found[1]))
    if high - low >= MOST_TEMPLATE:
        raise ValueError(f"{said!r} are more than {MOST_TEMPLATE} servers")
    return range(low, high + 1)
