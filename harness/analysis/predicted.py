"""What the model expects of a trial's faults, from what really stood when each came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.analysis.faults import FaultSpan
from harness.analysis.links import LINKS
from harness.analysis.measure import Measures
from harness.analysis.owners import Tenure, owners_at
from harness.chain.chain import Chain
from harness.chain.failure import MUTE, Failure, Standing, of_effect
from harness.clock import NS, Bounds
from harness.events import AgentStart
from harness.history import History
from harness.predict.failback import BOOT_S
from harness.predict.interval import Predicted
from harness.predict.predict import predict
from harness.profile.folder import Profile
from harness.verdict import Eviction, FaultMeasures, Interval, Intervals, Within

# What checks take their budgets from, beside the measures themselves.
BUDGETS = ("recovery_s", "write_refusal_s")


def annotate(measures: Measures, history: History, profile: Profile) -> None:
    """Write beside every figure of a trial what `profile` implies for it; nothing where the model has no answer."""
    chain = Chain(profile)
    for span, measured in zip(measures.spans, measures.faults, strict=True):
        failure = _failure(span)
        standing = _standing(chain, span.injected.start_ns, measures.spans, measures.tenures)
        if failure is None or standing.owner is None or _beside_unknown(span, measures.spans):
            continue
        healed_ns = _before_healing_ns(span, measures.spans)
        healing = _standing(chain, healed_ns, measures.spans, measures.tenures) if healed_ns is not None else None
        expected = predict(chain, failure, standing, healing)
        found = dict(expected.measures)
        if span.silences and not _tells_power_on(history, span):
            # The fault counts as healed from when an agent could say so, which is later than power on.
            found = {name: _from_zero(one) if name == "failback_s" else one for name, one in found.items()}
        named = set(FaultMeasures.__struct_fields__) | set(BUDGETS)
        measured.predicted = plain({name: one for name, one in found.items() if name in named})
        for link in _merged(measured):
            measured.predicted.pop(link, None)
        for row in (row for row in measures.evictions if row.fault == span.index):
            rows = expected.evictions.get((row.haproxy, row.backend), {})
            row.predicted = plain({name: one for name, one in rows.items() if name in Eviction.__struct_fields__})
        for client in (row for row in measures.clients if row.fault == span.index):
            kind = "h2" if client.node else client.kind
            own = expected.clients.get(("own", client.node)) if client.node else None
            if dark := own or expected.clients.get((kind, client.served_by or "")):
                client.predicted = plain({"dark_s": dark})
            if client.broken and (again := expected.clients.get(("renewed", client.served_by or ""))):
                client.predicted |= plain({"again_s": again})


def _failure(span: FaultSpan) -> Failure | None:
    return of_effect(span.effect, span.node)


def _beside_unknown(span: FaultSpan, spans: Sequence[FaultSpan]) -> bool:
    """Say whether a fault came while another was in force of which the model does not know what it does."""
    return any(_failure(one) is None for one in _in_force(span.injected.start_ns, spans))


def _in_force(t_ns: int, spans: Sequence[FaultSpan]) -> list[FaultSpan]:
    """Return the faults that were in force at a moment, but for what came with it."""
    return [s for s in spans if s.injected.start_ns < t_ns and (s.healed is None or t_ns < s.healed.start_ns)]


def _before_healing_ns(span: FaultSpan, spans: Sequence[FaultSpan]) -> int | None:
    """Return when a fault was about to be healed, and each other whose node may not have rejoined etcd by then."""
    if span.healed is None:
        return None
    begun_ns = span.healed.start_ns
    others = (s.healed.start_ns for s in spans if s.healed)
    for other_ns in sorted((t for t in others if span.injected.start_ns < t < begun_ns), reverse=True):
        begun_ns = other_ns if begun_ns - other_ns < BOOT_S * NS else begun_ns
    return begun_ns - 1


def _standing(chain: Chain, t_ns: int, spans: Sequence[FaultSpan], held: Iterable[Tenure]) -> Standing:
    """Return how things stood at a moment, before whatever came with it.

    No owner where there was not exactly one, or it has no keepalived by the profile; who has the address and no
    keepalived any more owns nothing.
    """
    in_force = _in_force(t_ns, spans)
    off = {span.node for span in in_force if span.silences}
    broken = tuple(failure for span in in_force if (failure := _failure(span)))
    left_behind = {failure.node for failure in broken if failure.kind in MUTE}
    holders = [node for node in owners_at(held, t_ns) if node not in left_behind]
    owner = holders[0] if len(holders) == 1 and holders[0] in chain.nodes else None
    return Standing(owner, tuple(n for n in chain.machines if n not in off), broken)


def _merged(measured: FaultMeasures) -> tuple[str, ...]:
    """Return the links that hold more than themselves: each counts from the last end that was seen."""
    for number, link in enumerate(LINKS):
        if link in ("detection_s", "election_s") and getattr(measured, link) is None:
            return LINKS[number + 1 :]
    return ()


def _tells_power_on(history: History, span: FaultSpan) -> bool:
    starts = (e for e in history.of(AgentStart, span.node) if e.t_ns > span.injected.end_ns)
    return any(event.data.init_started_ns is not None for event in starts)


def _from_zero(expected: Predicted) -> Predicted:
    return Predicted(Bounds(0.0, expected.bounds.max)) if expected.bounds else expected


def plain(expected: dict[str, Predicted]) -> Intervals:
    claimed = {name: one for name, one in expected.items() if not one.open}
    return {name: _interval(one) for name, one in claimed.items()}


def _interval(one: Predicted) -> Interval:
    if one.bounds is None:
        return one.ends
    return Within(round(one.bounds.min, 6), round(one.bounds.max, 6), one.otherwise)
