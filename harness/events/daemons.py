"""What a node's observer sees of its daemons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Process(Fact):
    """A daemon's process was found by looking, or ended, which the kernel tells: `exact`."""

    kind: ClassVar[str] = "process"
    name: str
    pid: int
    alive: bool
    initial: bool
    exact: bool = False
    previous_poll_ns: int | None = None


@dataclass(frozen=True, kw_only=True)
class Turns(Fact):
    """For how many ns each daemon's threads have run by now, and been ready without a processor, by its name."""

    kind: ClassVar[str] = "node.turns"
    ran_ns: dict[str, int]
    waited_ns: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class _Row(Fact):
    """A server as haproxy's `show stat` has it; `previous_poll_ns` is when it was last asked before."""

    backend: str
    server: str
    check_status: str
    check_code: str = ""
    check_duration_ms: str = ""
    last_chk: str = ""
    previous_poll_ns: int | None = None


@dataclass(frozen=True, kw_only=True)
class HaproxyServer(_Row):
    """A server's status changed; `status` is the first word of `status_text`."""

    kind: ClassVar[str] = "haproxy.server"
    status: str
    initial: bool
    status_text: str = ""


@dataclass(frozen=True, kw_only=True)
class HaproxyCheck(_Row):
    """So many checks of a server failed since the last look."""

    kind: ClassVar[str] = "haproxy.check"
    failed: int


@dataclass(frozen=True, kw_only=True)
class HaproxySocket(Fact):
    """haproxy's runtime socket answers, or no longer does."""

    kind: ClassVar[str] = "haproxy.socket"
    path: str
    answering: bool


@dataclass(frozen=True, kw_only=True)
class HaproxySession(Fact):
    """A session that haproxy's own log says did not end as it should; `port` is the client's."""

    kind: ClassVar[str] = "haproxy.session"
    port: int
    accepted_ns: int
    backend: str
    server: str
    connect_ms: int
    state: str
