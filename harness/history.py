"""The finished, immutable sequence of events of one trial, and its file `history.jsonl`."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, BinaryIO, ClassVar, Generic, TypeVar, cast

import msgspec

from harness import disk
from harness.errors import HistoryError
from harness.events import KINDS, Fact

SCHEMA = 1
F = TypeVar("F", bound=Fact)
F_co = TypeVar("F_co", bound=Fact, covariant=True)


@dataclass(frozen=True)
class Other(Fact):
    """A kind that this harness does not know, as an older or a newer one wrote it."""

    kind: ClassVar[str] = "other"
    named: str
    fields: dict[str, Any]


class Event(msgspec.Struct, Generic[F_co], frozen=True):
    """One fact: when (CLOCK_MONOTONIC ns), where, who saw it, its number in that agent's sequence, what."""

    t_ns: int
    node: str
    agent: str
    seq: int
    data: F_co


class History:
    """Events in order of time, readable by kind."""

    def __init__(self, events: Iterable[Event[Fact]]) -> None:
        self.events = sorted(events, key=lambda e: e.t_ns)
        self._kinds: dict[type[Fact], list[Event[Fact]]] = {}
        for event in self.events:
            for kind in type(event.data).__mro__:
                if issubclass(kind, Fact):
                    self._kinds.setdefault(kind, []).append(event)

    def of(self, kind: type[F], node: str | None = None, **data: object) -> Iterator[Event[F]]:
        """Yield the events of a kind or family, in order; of one node and with equal data where given."""
        found = cast("list[Event[F]]", self._kinds.get(kind, ()))
        if node is None and not data:  # thousands, often
            yield from found
            return
        for event in found:
            if node is not None and event.node != node:
                continue
            if all(getattr(event.data, name) == value for name, value in data.items()):
                yield event

    @property
    def start_ns(self) -> int:
        return self.events[0].t_ns if self.events else 0

    @property
    def end_ns(self) -> int:
        return self.events[-1].t_ns if self.events else 0


class _Line(msgspec.Struct, frozen=True):
    """An event as a line of the file has it; `data` is told by `kind`."""

    t_ns: int
    node: str
    agent: str
    seq: int
    kind: str
    data: msgspec.Raw


_LINES = msgspec.json.Decoder(_Line)
_ENCODER = msgspec.json.Encoder()


def encode(event: Event[Fact]) -> bytes:
    """Return an event as a line of JSON, without its end."""
    data = event.data
    kind, told = (data.named, data.fields) if isinstance(data, Other) else (data.kind, data)
    raw = msgspec.Raw(_ENCODER.encode(told))
    return _ENCODER.encode(_Line(event.t_ns, event.node, event.agent, event.seq, kind, raw))


def decode(lines: Iterable[bytes], name: str, first_line: int = 1) -> Iterator[Event[Fact]]:
    """Yield the events of JSON lines; `name` and the line's number go into errors."""
    for number, line in enumerate(lines, first_line):
        try:
            yield _event(_LINES.decode(line))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise HistoryError(f"{name}:{number}: {error}") from error


def _event(line: _Line) -> Event[Fact]:
    return Event(line.t_ns, line.node, line.agent, line.seq, _fact(line.kind, line.data))


def _fact(kind: str, data: msgspec.Raw) -> Fact:
    """Return what a line tells; raise ValidationError that names kind and field where it is no such fact."""
    if kind not in KINDS:
        return Other(kind, msgspec.json.decode(data, type=dict[str, Any]))
    first, *others = _decoders(kind)
    try:
        return first.decode(data)
    except msgspec.ValidationError as error:
        for other in others:
            with contextlib.suppress(msgspec.ValidationError):
                return other.decode(data)
        raise msgspec.ValidationError(f"{kind}: {error}") from error


@cache
def _decoders(kind: str) -> list[msgspec.json.Decoder[Fact]]:
    return [msgspec.json.Decoder(one) for one in KINDS[kind]]


def write(path: Path, events: Iterable[Event[Fact]]) -> None:
    """Write `events` in order of time behind a schema line; gzip where the name ends in .gz."""
    with disk.writing(path) as plain, _compressed(path, plain) as file:
        file.write(_ENCODER.encode({"schema": SCHEMA}) + b"\n")
        for event in sorted(events, key=lambda e: e.t_ns):
            file.write(encode(event) + b"\n")


def read(path: Path) -> History:
    """Read a history; raise HistoryError with file and line where it cannot be understood."""
    try:
        with path.open("rb") as plain, _compressed(path, plain) as file:
            lines = file.read().splitlines()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise HistoryError(f"{path}: cut short or damaged: {error}") from error
    except OSError as error:
        raise HistoryError(disk.sentence(error, path)) from error
    if not lines or not lines[0].startswith(b'{"schema"'):
        raise HistoryError(f"{path}:1: no schema line; this is not a history written by the harness")
    try:
        schema = msgspec.json.decode(lines[0])["schema"]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
        raise HistoryError(f"{path}:1: {error}") from error
    if schema != SCHEMA:
        raise HistoryError(f"{path}:1: schema {schema} is not {SCHEMA}; read it with the harness that wrote it")
    return History(decode(lines[1:], str(path), first_line=2))


def _compressed(path: Path, plain: BinaryIO) -> contextlib.AbstractContextManager[IO[bytes]]:
    """Return the file itself, or where the name ends in .gz what reads or writes it compressed."""
    if path.suffix != ".gz":
        return contextlib.nullcontext(plain)
    return gzip.open(plain, "wb" if plain.writable() else "rb")  # type: ignore[return-value]
