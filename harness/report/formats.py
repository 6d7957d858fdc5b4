"""What a campaign can be written as: each format is found by entry point, the page in HTML too."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol

from harness import disk, plugins, store
from harness.errors import HistoryError, UsageError

GROUP = "failover_harness.reports"  # each entry point is a Format


class Report(NamedTuple):
    """A file for the campaign's folder: its name there, and what it holds."""

    name: str
    content: bytes


class Format(Protocol):
    """Makes a report of the trials at or below a folder, each already judged; harness.store reads them."""

    def __call__(self, folder: Path) -> Report: ...


def write(folder: Path, form: str = "html") -> Path:
    """Write a report of a campaign, or of a single trial's folder, and return its path."""
    make: Format = plugins.function(GROUP, "report format", form)
    if next(store.trials(folder), None) is None:
        raise HistoryError(f"{folder}: no trial there; a trial's folder holds spec.json and history.jsonl")
    made = make(folder)
    if not isinstance(made, Report):
        raise UsageError(f"the report format {form} made a {type(made).__name__}, and not a Report(name, content)")
    path = folder / made.name
    disk.write(path, made.content)
    return path
