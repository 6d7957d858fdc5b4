"""What every kind of event is made of."""

from __future__ import annotations

from typing import ClassVar


class Fact:
    """What one event tells; `kind` is its name in a history. Each kind is a dataclass, and encodes by its fields."""

    kind: ClassVar[str]
