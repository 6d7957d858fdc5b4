"""What an observer beside a guest sees of the guest's own connections to the VIP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Segment(Fact):
    """A TCP segment between a guest's `port` and the VIP that opens, ends, or carries `size` bytes; not a bare ACK.

    Of several that carry bytes the same way within a millisecond only the first is told.
    """

    kind: ClassVar[str] = "guest.segment"
    port: int
    outgoing: bool
    size: int
    syn: bool = False
    fin: bool = False
    rst: bool = False
