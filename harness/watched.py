"""What watching a cluster from beside it comes to, and its file `watched.json`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from harness import disk
from harness.clock import Bounds
from harness.shapes import unbounded
from harness.verdict import Intervals, StreamMeasures


class Outage(msgspec.Struct):
    """A time in which no request of a stream was answered, `at_s` from the beginning; `errors` by class.

    Several with less than a second between them are one in which some failed, over `over_s`: `lasted_s` is the longest
    of them, and `answered` how many were answered between.
    """

    stream: str
    at_s: float
    lasted_s: Bounds
    failed: int
    errors: dict[str, int]
    over_s: float | None = None
    answered: int = 0


class Held(msgspec.Struct):
    """Who answered for the VIP, by MAC: from the first probe that it answered to the last; none: nobody did."""

    macs: list[str]
    from_s: float
    to_s: float
    probes: int


class Speaker(msgspec.Struct):
    """Who sent VRRP adverts: how many, and each priority from when it was told first."""

    source: str
    vrid: int
    adverts: int
    priorities: list[tuple[float, int]]


class Marked(msgspec.Struct):
    """A moment that was marked; `dark_s` is the longest outage that began from it on, and before the next mark.

    `fits` are the failures of which the profile's own timers imply one as long.
    """

    at_s: float
    text: str
    dark_s: Bounds | None = None
    fits: list[str] = []


class Watched(msgspec.Struct):
    """A cluster, watched; times in seconds from the beginning. `predicted` is how dark which failure leaves it."""

    endpoint: str
    started: str
    duration_s: float
    streams: dict[str, StreamMeasures]
    outages: list[Outage] = []
    held: list[Held] = []
    speakers: list[Speaker] = []
    marks: list[Marked] = []
    remarks: list[str] = []
    predicted: Intervals = {}
    schema: int = 1


def write(path: Path, watched: Watched) -> None:
    """Write as indented JSON."""
    disk.write(
        path, msgspec.json.format(msgspec.json.encode(unbounded(msgspec.to_builtins(watched))), indent=2) + b"\n"
    )
