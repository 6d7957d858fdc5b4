"""What keepalived hears of from the kernel: a process' start or exit counts at once, or after its delay."""

from __future__ import annotations

from harness.chain.numbers import Track
from harness.simulate.script import Tracker
from harness.simulate.surroundings import Surroundings


class Hearing:
    """Something that keepalived does not ask for; `ok` is whether it stands, as far as that counts yet."""

    def __init__(self, around: Surroundings, router: Tracker, track: Track) -> None:
        self.around, self.router, self.track = around, router, track
        self.ok: bool | None = None
        self._stands = True
        self._turn = 0

    def settle(self) -> None:
        """Be for long as it is while nothing is broken."""
        self.ok = self._stands = self.track.stands

    def start(self) -> None:
        """Look once, as keepalived does when it starts; no delay counts then."""
        self._turn += 1
        self.ok = self._stands = self.router.tried(self.track).passed

    def stop(self) -> None:
        self._turn += 1

    def thaw(self) -> None:
        """Hear now what has come about meanwhile."""
        self._turn += 1
        self._stands = bool(self.ok)
        self.notice()

    def notice(self) -> None:
        """Take note that a process has come or gone; what is back before its delay is over was never lost."""
        stands = self.router.tried(self.track).passed
        if stands is not self._stands:
            self._stands = stands
            self._turn += 1
            delay_s = self.track.found_s if stands else self.track.lost_s
            self.around.later(self.around.drawn(self.around.assumed.heard_s) + delay_s, self._conclude, self._turn)

    def _conclude(self, turn: int) -> None:
        if turn == self._turn and not self.router.frozen and self.ok is not self._stands:
            self.ok = self._stands
            self.router.reweigh()
