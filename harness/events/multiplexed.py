"""What clients did that have all of theirs on one HTTP/2 connection, as client-go's have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class H2Request(Fact):
    """A request from when it was due to its answer or its end; `error` is None where it was answered, whatever by.

    `session` is the connection that carried it, None where none came about.
    """

    kind: ClassVar[str] = "h2.request"
    client: int
    session: int | None
    due_ns: int
    sent_ns: int
    error: str | None
    status: int | None = None


@dataclass(frozen=True, kw_only=True)
class H2Session(Fact):
    """A connection from its opening to its end; `error` is None where it was still open when the client stopped."""

    kind: ClassVar[str] = "h2.session"
    client: int
    session: int
    opened_ns: int
    last_data_ns: int
    error: str | None
    port: int | None = None
    served_by: str | None = None
