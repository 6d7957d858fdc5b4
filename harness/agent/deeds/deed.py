"""What a deed is: something that an agent does to its own node, next to the system call, and proves."""

from __future__ import annotations

from dataclasses import Field
from typing import Any, ClassVar, NamedTuple, Protocol

from harness.events import Did

PATIENCE_S = 30.0  # only what does not happen takes it all; on a busy machine the rest may take seconds


class Unproven(Exception):
    """The deed was done, but its effect did not show."""


class Done(NamedTuple):
    """A deed that was done: stamps before it began and after its effect showed."""

    begin_ns: int
    end_ns: int
    did: Did


class Deed(Protocol):
    """A dataclass of plain values, in which the deed's parameters reach the agent."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def do(self) -> Done:
        """Do it; raise Unproven, or OSError, where its effect does not show."""
