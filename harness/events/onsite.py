"""What somebody tells of who watches a cluster of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Mark(Fact):
    """A moment that was marked, by a key or from another shell; `text` is what was said of it."""

    kind: ClassVar[str] = "mark"
    text: str
