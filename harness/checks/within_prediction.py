"""Does every figure lie in the interval that the profile's own timers imply?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.faults import FaultSpan
from harness.analysis.measure import Measures
from harness.chain.health import STALE_S
from harness.clock import NS, Measured, greatest, least, unended
from harness.figures import told, told_interval
from harness.history import History
from harness.predict.timers import EARLY_S
from harness.verdict import UNTIL_HEALED, End, FaultMeasures, Finding, Interval, Intervals, Outcome

# What a request that waited for healing may have been sent before it: the deadline that clients give by default.
DEADLINE_S = 1.0


@dataclass(frozen=True)
class Compared:
    """A figure beside its prediction: what it is, as a sentence begins, and for how long its fault was in force.

    What lasts until healing may begin `late_s` after the fault.
    """

    what: str
    measured: Measured
    predicted: Interval
    in_force_s: float
    late_s: float = 0.0


@dataclass(frozen=True)
class WithinPrediction:
    """Slower than its own timers allow is a failure; faster, or what never ought to be, puts theory in doubt.

    Every trial is asked this; one whose figures are in doubt anyway is not compared.
    """

    def findings(self, history: History, measures: Measures) -> Iterator[Finding]:
        name = type(self).__name__
        if measures.doubts:
            yield Finding(name, Outcome.INCONCLUSIVE, "not compared with what was predicted: the figures are in doubt")
            return
        compared = list(figures(measures))
        outside = [finding for one in compared if (finding := judged(name, one, measures.slack_s))]
        yield from outside
        if not outside:
            many = f"{len(compared)} figure{'s' * (len(compared) != 1)}"
            yield Finding(name, Outcome.PASSED, f"{many} compared with what was predicted, none outside")


def figures(measures: Measures) -> Iterator[Compared]:
    """Yield every figure that was measured and has a prediction."""
    for span, fault in zip(measures.spans, measures.faults, strict=True):
        in_force_s = max(0, span.broken_until_ns - span.injected.end_ns) / NS
        after = f"after {fault.fault} on {fault.node}"
        known = {name: getattr(fault, name) for name in FaultMeasures.__struct_fields__ if name.endswith("_s")}
        yield from _beside(f"{{}} {after}", known | _strayed(fault, span), fault.predicted, in_force_s)
        for row in (row for row in measures.evictions if row.fault == span.index):
            known = {n: getattr(row, n) for n in ("first_failed_check_s", "eviction_s", "readmission_s")}
            yield from _beside(f"{{}} of {row.backend} by {row.haproxy} {after}", known, row.predicted, in_force_s)
        for client in (row for row in measures.clients if row.fault == span.index):
            where = f" on {client.node}" if client.node else ""
            what = f"darkness of {client.kind} client {client.client}{where}, served by {client.served_by}, {after}"
            yield from _beside(what, {"dark_s": client.dark_s}, client.predicted, in_force_s)
            what = f"news again of watch {client.client}, served by {client.served_by}, {after}"
            yield from _beside(what, {"again_s": client.again_s}, client.predicted, in_force_s)


def _strayed(fault: FaultMeasures, span: FaultSpan) -> dict[str, Measured]:
    """Return a migration where the VIP left a node that nothing had befallen, and was predicted not to."""
    stays = isinstance(fault.predicted.get("vip_migration_s"), str)
    strayed = stays and fault.vip_migration_s is None and fault.new_owner is not None
    return {"vip_migration_s": 0.0} if strayed else {}


def _beside(what: str, known: dict[str, Measured], predicted: Intervals, in_force_s: float) -> Iterator[Compared]:
    # Writes are refused where a quorum is lost, and apiservers that have lost it call themselves ready for a while yet:
    # counted from when somebody asks, which in a lab may be nobody before the VIP has moved.
    moved_s = greatest(known.get("vip_migration_s")) or 0.0
    late_s = STALE_S.max + moved_s if "write_refusal_s" in predicted else 0.0
    for name, interval in predicted.items():
        if known.get(name) is not None:
            yield Compared(what.format(titled(name)), known[name], interval, in_force_s, late_s)


def judged(check: str, one: Compared, slack_s: float) -> Finding | None:
    """Return the finding about one figure; None where it lies inside."""
    value = one.measured
    if isinstance(one.predicted, str):
        if not _contradicts(one, one.predicted):
            return None
        text = f"{one.what}: {told(one.measured)} s, predicted {one.predicted}: the theory or the measurement is wrong"
        return Finding(check, Outcome.INCONCLUSIVE, text, one.measured)
    low, high = one.predicted.min, one.predicted.max
    beside = f"{told(one.measured)} s, predicted {told_interval(one.predicted)}"
    if one.predicted.otherwise and not _contradicts(one, one.predicted.otherwise):
        return None
    if (least(value) or 0.0) > high + slack_s:
        text = f"{one.what} is slower than its own timers allow: {beside}"
        return Finding(check, Outcome.FAILED, text, one.measured, round(high + slack_s, 6))
    if (most := greatest(value)) is not None and most < low - EARLY_S:
        text = f"{one.what} is faster than theory: {beside}: the theory or the measurement is wrong"
        return Finding(check, Outcome.INCONCLUSIVE, text, one.measured)
    return None


def _contradicts(one: Compared, predicted: End) -> bool:
    """Say whether something came about that never ought to, or was over before healing that ought to last."""
    if unended(one.measured):
        return False
    if predicted == UNTIL_HEALED:
        return (greatest(one.measured) or 0.0) < one.in_force_s - one.late_s - DEADLINE_S - EARLY_S
    return True


def titled(name: str) -> str:
    """Return a measure's name as a sentence has it."""
    return name.removesuffix("_s").replace("_", " ").replace("vip", "VIP")
