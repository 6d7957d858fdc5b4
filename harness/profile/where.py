"""Where a setting stands, so that whatever follows from it can say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Where:
    """A line (from 1) of a file, the path as the user would type it."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Remark:
    """What a daemon does not take as it is written, and what it takes instead."""

    where: Where
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


@dataclass(frozen=True)
class Lack(Remark):
    """What a daemon may read and is not known: what follows from the rest depends `on` it."""

    on: str


@dataclass(frozen=True)
class Placed:
    """Something that was configured: `where` maps each keyword that was written to its place, "" to the whole's."""

    where: Mapping[str, Where]

    def at(self, keyword: str) -> Where:
        """Return where a setting is written; where its default holds, the place of the whole."""
        return self.where.get(keyword, self.where[""])
