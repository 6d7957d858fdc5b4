"""Was everything broken that was to be broken, at once, and surely?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.faults import FaultSpan
from harness.analysis.measure import Measures
from harness.events import StepTaken
from harness.history import History
from harness.steps import BROKE_OFF
from harness.verdict import Finding, Outcome

PROCESS_S, NODE_S = 0.005, 0.020


@dataclass(frozen=True)
class TookEffect:
    """All `faults` were injected, and each is shown to have taken effect within 5 ms, or 20 ms where it is a node's.

    Every trial with faults is asked this. A wider one spoils nothing while the bounds of the figures, which hold all of
    it, stay within what any figure may be late by; one that is wider still was another fault than the scenario's.
    """

    faults: int

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        name, spans = type(self).__name__, measures.spans
        if len(spans) < self.faults:
            why = [e.data.detail for e in history.of(StepTaken, name=BROKE_OFF)]
            text = ": ".join([f"{len(spans)} of {self.faults} faults were injected", *why[:1]])
            yield Finding(name, Outcome.INCONCLUSIVE, text)
        for span in (s for s in spans if not s.proven):
            done = "took effect" if span.healed is None else "took effect, or was healed"
            yield Finding(name, Outcome.INCONCLUSIVE, f"nothing shows that {span.name} on {span.node} {done}")
        wide = [s for s in spans if s.injected.width_s > (NODE_S if s.silences else PROCESS_S)]
        yield from (_wide(name, span, measures.slack_s) for span in wide)
        if spans and not wide and all(s.proven for s in spans):
            many = f"{len(spans)} fault{'s' * (len(spans) != 1)}"
            yield Finding(name, Outcome.PASSED, f"{many}, none wider than 5 ms (a node's: 20 ms)")


def _wide(check: str, span: FaultSpan, slack_s: float) -> Finding:
    width_s = span.injected.width_s
    if width_s <= slack_s:
        return Finding(check, Outcome.PASSED, f"{_told(span)}; its figures' bounds hold that", width_s)
    text = f"{_told(span)}: that is another fault than the one meant"
    waited = (span.did.stalled_ms or 0.0) / 1e3 > width_s / 2
    return Finding(check, Outcome.INCONCLUSIVE, text, width_s, doubted=waited)


def _told(span: FaultSpan) -> str:
    what = f"{span.name} on {span.node} took {span.injected.width_s * 1e3:.1f} ms"
    stalled_ms = span.did.stalled_ms
    if stalled_ms is None:
        return what
    return f"{what}, during {stalled_ms:.1f} ms of which somebody waited for a processor"
