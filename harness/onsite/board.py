"""What a cluster does just now, in one line, while it is watched."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from harness.analysis.blackout import ok
from harness.clock import NS
from harness.events import Advert, ArpProbe, Fact, Probe
from harness.history import Event

RECENT = 20  # requests of which the share that was answered is told


class Board:
    """Takes events as they come, and says what they come to by now; for steering, never for judging."""

    def __init__(self) -> None:
        self._recent: deque[bool] = deque(maxlen=RECENT)
        self._owners: tuple[str, ...] = ()
        self._speaker: tuple[str, int] | None = None
        self._since_ns: int | None = None  # when the requests began to fail that fail now
        self._last_s: float | None = None
        self._outages = 0

    def take(self, events: Iterable[Event[Fact]]) -> None:
        """Take what has come since the last time."""
        for event in sorted(events, key=lambda e: e.t_ns):
            match event.data:
                case Probe() as probe:
                    self._asked(probe.sent_ns, event.t_ns, ok(event))  # type: ignore[arg-type]
                case ArpProbe() as probe:
                    self._owners = tuple(sorted({mac for _, mac in probe.answers}))
                case Advert() as advert:
                    self._speaker = advert.source, advert.priority

    def line(self, gone_s: float) -> str:
        """Return how things are."""
        said = [f"{gone_s:.0f} s"]
        if self._recent:
            said.append(f"{sum(self._recent)} of the last {len(self._recent)} answered")
        if self._owners:
            said.append(f"the VIP is at {' and '.join(self._owners)}")
        if self._speaker:
            said.append(f"{self._speaker[0]} advertises {self._speaker[1]}")
        if self._since_ns is not None:
            said.append("an outage now")
        elif self._last_s is not None:
            said.append(f"{self._outages} outage{'s' * (self._outages > 1)}, the last of some {self._last_s:.1f} s")
        return "  ·  ".join(said)

    def _asked(self, sent_ns: int, done_ns: int, answered: bool) -> None:
        self._recent.append(answered)
        if answered and self._since_ns is not None:
            self._last_s, self._since_ns = (done_ns - self._since_ns) / NS, None
            self._outages += 1
        elif not answered and self._since_ns is None:
            self._since_ns = sent_ns
