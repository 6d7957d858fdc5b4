"""The script table: what each script of a profile did when it was tried, stored beside the files that it is about."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path

import msgspec

from harness import disk
from harness.errors import HarnessError, ProfileError

FILE = ".script-table.json"
SCHEMA = 1


class State(StrEnum):
    """A state of the chain as a script's own node finds it; who is out has been evicted, unless it says otherwise."""

    WELL = "all well"
    PROXY_DEAD = "own proxy dead"
    PROXY_HUNG = "own proxy hung"
    OTHER_PROXY_DEAD = "another node's proxy dead"
    ERRORS = "own apiserver answers 500"
    REFUSES = "own apiserver answers 401"
    HUNG = "own apiserver hung"
    DEAD = "own apiserver dead"
    OTHER_DEAD = "another apiserver dead, not yet evicted"
    OTHER_EVICTED = "another apiserver dead and evicted"
    ALL_DEAD = "every apiserver dead"
    NO_QUORUM = "etcd without quorum"


class Tried(msgspec.Struct, frozen=True):
    """How all runs in one state went, while the node had the VIP (`owns`) or another did.

    `passes` is None where they differ, or where a lab cannot tell (`why`); `took_s` is the shortest and the longest.
    `started` and `stopped` are daemons, `said` what it printed last.
    """

    state: State
    owns: bool
    passes: bool | None
    took_s: tuple[float, float]
    how: str
    why: str = ""
    started: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    said: str = ""

    @property
    def stops(self) -> bool:
        """Say whether it had keepalived itself stopped."""
        return "keepalived" in self.stopped and "keepalived" not in self.started

    @property
    def meddles(self) -> tuple[str, ...]:
        """Return the daemons that it started, stopped or restarted, but for keepalived itself: the state is another."""
        return tuple(sorted({*self.started, *self.stopped} - {"keepalived"}))


class Row(msgspec.Struct, frozen=True):
    """One script's trials; `key` is a hash of all that they depend on. A notify script is tried where all is well."""

    key: str
    node: str
    name: str
    command: str
    trials: tuple[Tried, ...]
    notify: bool = False

    def at(self, state: State, owns: bool) -> Tried | None:
        """Return how it went in a state; None where it was not tried there."""
        return next((one for one in self.trials if one.state is state and one.owns is owns), None)

    @property
    def why(self) -> str:
        """Return why nothing is known by it; "" where something is."""
        whole = [one.why for one in self.trials]
        return whole[0] if whole and all(whole) else ""


class Table(msgspec.Struct, frozen=True):
    """Every script that was tried, when, and on which daemons."""

    on: str
    versions: dict[str, str]
    rows: tuple[Row, ...]
    schema: int = SCHEMA

    def row(self, key: str) -> Row | None:
        return next((row for row in self.rows if row.key == key), None)


def read(folder: Path) -> Table | None:
    """Return what is stored beside a profile; None where nothing is. Raise ProfileError where it is damaged."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        table = msgspec.json.decode(path.read_bytes(), type=Table)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: {error}; delete it, and `harness profile check` tries anew") from error
    if table.schema != SCHEMA or any(not math.isfinite(s) for row in table.rows for t in row.trials for s in t.took_s):
        raise ProfileError(f"{path}: schema {table.schema} is not {SCHEMA}; `harness profile check` tries anew")
    return table


def write(folder: Path, table: Table) -> str:
    """Store a table beside its profile; return why that could not be, "" where it could."""
    try:
        disk.write(folder / FILE, msgspec.json.format(msgspec.json.encode(table), indent=1) + b"\n")
    except (HarnessError, OSError) as error:
        return f"the script table could not be stored: {error}"
    return ""
