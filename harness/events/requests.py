"""What the client's probes asked, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from harness.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Due(Fact):
    """A request that was due, sent or not; `error` is None where it was answered, and well."""

    kind: ClassVar[str] = "probe"
    stream: str
    target: str
    due_ns: int
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Probe(Due):
    """A request that was sent, and the stamp of each stage it reached.

    `left_ns`, `hello_ns` and `asked_ns` are when the first segment, the handshake and the request had left; `resent`
    counts the segments that the kernel sent again, and `port` is the client's.
    """

    sent_ns: int
    done_ns: int
    status: int | None = None
    left_ns: int | None = 0  # in histories from before it was recorded
    connected_ns: int | None = None
    hello_ns: int | None = None
    tls_ns: int | None = None
    asked_ns: int | None = None
    first_byte_ns: int | None = None
    reused: bool = False
    resent: int = 0
    port: int | None = None
    served_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProbeCapped(Due):
    """A request that was not sent, as too many were under way."""

    error: Literal["capped"] = "capped"


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How well a stream kept its schedule; None where nothing was sent."""

    sent: int
    cap_hits: int
    lateness_ns_p50: int | None = None
    lateness_ns_p99: int | None = None
    lateness_ns_max: int | None = None


@dataclass(frozen=True, kw_only=True)
class ProberSummary(Fact):
    """The schedule of each stream, by its name."""

    kind: ClassVar[str] = "prober.summary"
    streams: dict[str, Schedule]


@dataclass(frozen=True, kw_only=True)
class Write(Fact):
    """A ConfigMap that was asked for; acknowledged where the answer was 201."""

    kind: ClassVar[str] = "write"
    name: str
    due_ns: int
    sent_ns: int
    done_ns: int
    error: str | None
    acknowledged: bool
    status: int | None = None
    served_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class WriteCapped(Fact):
    """A write that was not sent, as too many were under way."""

    kind: ClassVar[str] = "write"
    name: str
    due_ns: int
    error: Literal["capped"] = "capped"
    acknowledged: Literal[False] = False


@dataclass(frozen=True, kw_only=True)
class Readback(Fact):
    """What of the acknowledged is missing, and what else is there; both None where nothing could be read."""

    kind: ClassVar[str] = "readback"
    names_checked: int
    lost: list[str] | None
    unexpected: list[str] | None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Watch(Fact):
    """A stream from its opening to its end; `error` is None where it was still open when the watcher stopped.

    `quiet_from_ns` and `quiet_until_ns` are the longest time between two pieces of news.
    """

    kind: ClassVar[str] = "watch"
    stream: int
    opened_ns: int
    last_data_ns: int
    chunks: int
    error: str | None
    served_by: str | None = None
    quiet_from_ns: int = 0
    quiet_until_ns: int = 0


@dataclass(frozen=True, kw_only=True)
class WatchUnopened(Fact):
    """A stream that did not come about: no connection, or no answer that begins one."""

    kind: ClassVar[str] = "watch.unopened"
    stream: int
    dialled_ns: int
    error: str
