"""For how long may a watch be believed in that brings no news any more?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.measure import Measures
from harness.checks.budget import allowed, fault, within
from harness.clock import greatest, least, unended
from harness.figures import told
from harness.history import History
from harness.verdict import Dark, Finding, Outcome, worst


@dataclass(frozen=True)
class WatchStallWithin:
    """A watch is silent after a fault for at most `within_s`, or for as long as is predicted of it, before it ends."""

    fault: int
    within_s: float | None = None

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        fault(measures, self.fault)
        streams = [one for one in measures.clients if one.kind == "watch" and one.fault == self.fault]
        name = type(self).__name__
        if not streams:
            yield Finding(name, Outcome.INCONCLUSIVE, "no watch was open when the fault came")
            return
        silent = [one for one in streams if greatest(one.dark_s)]
        if not silent:
            served = ", ".join(sorted({one.served_by or "nobody" for one in streams}))
            yield Finding(
                name, Outcome.PASSED, f"no watch was believed in that had ended; they were served by {served}", 0.0
            )
            return
        found = [self._judged(one, measures.slack_s) for one in silent]
        bad = worst(found)
        yield max((one for one in found if one.outcome is bad), key=lambda one: greatest(one.measured) or 0.0)

    def _judged(self, stream: Dark, slack_s: float) -> Finding:
        """Hold one stream against its own budget; one that the trial's end cut short tells only what it has shown."""
        name, budget_s = type(self).__name__, allowed(self.within_s, stream.predicted, "dark_s", slack_s)
        what = f"the watch served by {stream.served_by}"
        if unended(stream.dark_s) and (budget_s is None or (least(stream.dark_s) or 0.0) <= budget_s):
            text = f"{what} was silent for {told(stream.dark_s)} s, and still believed in when the trial ended"
            return Finding(name, Outcome.INCONCLUSIVE, text, stream.dark_s)
        return within(name, f"{what} was silent, and ended", stream.dark_s, budget_s)
