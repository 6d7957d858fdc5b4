"""What somebody tells of who watches a cluster of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.events.fact import Fact


@dataclass(frozen=True, kw_only=True)
class Mark(Fact):
    """A moment that was marked, by a key, from another shell, by a command that was run; `text` says what it was."""

    kind: ClassVar[str] = "mark"
    text: str
