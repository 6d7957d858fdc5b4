"""The finished, immutable sequence of events of one trial, and its file `history.jsonl`."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import HistoryError

SCHEMA = 1


class Event(msgspec.Struct, frozen=True):
    """One fact: when (CLOCK_MONOTONIC ns), where, who saw it, its number in that agent's sequence, what."""

    t_ns: int
    node: str
    agent: str
    seq: int
    kind: str
    data: dict[str, Any]


class History:
    """Events in order of time, readable by kind."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = sorted(events, key=lambda e: e.t_ns)
        self._kinds: dict[str, list[Event]] = {}
        for event in self.events:
            self._kinds.setdefault(event.kind, []).append(event)

    def of(self, kind: str, node: str | None = None, **data: Any) -> Iterator[Event]:
        """Yield the events of a kind, in order; of one node and with equal data where given."""
        for event in self._kinds.get(kind, ()):
            if node is not None and event.node != node:
                continue
            if all(event.data.get(key) == value for key, value in data.items()):
                yield event

    @property
    def start_ns(self) -> int:
        return self.events[0].t_ns if self.events else 0

    @property
    def end_ns(self) -> int:
        return self.events[-1].t_ns if self.events else 0


def write(path: Path, events: Iterable[Event]) -> None:
    """Write `events` in order of time behind a schema line; gzip where the name ends in .gz."""
    encoder = msgspec.json.Encoder()
    with _open(path, "wb") as file:
        file.write(encoder.encode({"schema": SCHEMA}) + b"\n")
        for event in sorted(events, key=lambda e: e.t_ns):
            file.write(encoder.encode(event) + b"\n")


def read(path: Path) -> History:
    """Read a history; raise HistoryError with file and line where it cannot be understood."""
    try:
        with _open(path, "rb") as file:
            lines = file.read().splitlines()
    except (OSError, EOFError) as error:
        raise HistoryError(f"{path}: {error}") from error
    if not lines or not lines[0].startswith(b'{"schema"'):
        raise HistoryError(f"{path}:1: no schema line; this is not a history written by the harness")
    try:
        schema = msgspec.json.decode(lines[0])["schema"]
    except (msgspec.DecodeError, KeyError) as error:
        raise HistoryError(f"{path}:1: {error}") from error
    if schema != SCHEMA:
        raise HistoryError(f"{path}:1: schema {schema} is not {SCHEMA}; read it with the harness that wrote it")
    return History(decode(lines[1:], str(path), first_line=2))


def decode(lines: Iterable[bytes], name: str, first_line: int = 1) -> Iterator[Event]:
    """Yield the events of JSON lines; `name` and the line's number go into errors."""
    decoder = msgspec.json.Decoder(Event)
    for number, line in enumerate(lines, first_line):
        try:
            yield decoder.decode(line)
        except msgspec.DecodeError as error:
            raise HistoryError(f"{name}:{number}: {error}") from error


def _open(path: Path, mode: str) -> Any:
    return gzip.open(path, mode) if path.suffix == ".gz" else path.open(mode)
