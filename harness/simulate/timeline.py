"""A trial's views as a function of time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from harness.simulate.record import Answer, View


class Timeline:
    """What a client meets when; before the first view it is as it was then, and after the last it stays so."""

    def __init__(self, views: Sequence[tuple[float, View]]) -> None:
        self.starts = [at_s for at_s, _ in views]
        self._views = [view for _, view in views]
        self._of: dict[Callable[[Answer], Answer], Timeline] = {}

    def of(self, heard: Callable[[Answer], Answer]) -> Timeline:
        """Return the same as somebody meets it for whom an answer is something else."""
        if heard not in self._of:  # every measure of a trial asks
            met = [v._replace(front=heard(v.front), answers=tuple(map(heard, v.answers))) for v in self._views]
            self._of[heard] = Timeline(list(zip(self.starts, met, strict=True)))
        return self._of[heard]

    def view(self, at_s: float) -> View:
        """Return what a client meets at a time."""
        return self._views[max(0, bisect_right(self.starts, at_s) - 1)]

    def pieces(self, from_s: float, to_s: float) -> Iterator[tuple[float, float, View]]:
        """Yield the views between two times with when each begins and ends."""
        place = max(0, bisect_right(self.starts, from_s) - 1)
        begin = from_s
        while begin < to_s:
            end = min(self.starts[place + 1], to_s) if place + 1 < len(self.starts) else to_s
            if end > begin:
                yield begin, end, self._views[place]
            begin, place = end, place + 1
