"""What makes a trial's numbers unfit to judge by, told in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from harness.analysis.blame import UNEXPLAINED
from harness.analysis.faults import FaultSpan
from harness.analysis.owners import NOBODY, SEVERAL, Tenure, held_by
from harness.analysis.requests import prober
from harness.clock import NS, Bounds
from harness.events import AgentLost, AgentPressure, AgentStart, AgentStop, Bracket, Probe, Turns, Unsteady
from harness.figures import told
from harness.history import Event, History
from harness.verdict import FaultMeasures

LATENESS_MS = 20.0
UNEXPLAINED_SHARE = 0.01
STEAL_SHARE = 0.1
PRESSED_SHARE = 0.5  # of a wait, or a trial; trials alone on two quiet cores have 0.36–0.45 (docs/measurement.md)
# The same over some seconds of it: a burst bends what happens meanwhile. Alone, nodes that boot made it 0.66 at most.
BURST, BURST_SHARE = 5, 0.8
QUEUED = 2.0  # trials alone on two quiet cores have 1.3–1.5, beside two busy loops 2.8–5.2 (docs/measurement.md)
# What adjtimex may slew a clock by (500 ppm), and how much of a step no figure would show.
SLEW, STEP_NS = 500e-6, 1_000_000
SEEING_S = 0.01  # two ARP probes: a busy node's answer is taken for the next one's


class Doubt(msgspec.Struct, frozen=True):
    """A reason not to trust a trial's figures; `machine` where it is that this machine was too busy."""

    text: str
    machine: bool = False


def doubts(history: History) -> list[Doubt]:
    """Return every reason to doubt the history; none where it may be judged."""
    instrument = (*_clocks(history), *_steps(history), *_losses(history), *_gaps(history), *_clients(history))
    machine = (*_starved(history), *_late(history), *_pressed(history))
    return [*map(Doubt, instrument), *(Doubt(text, machine=True) for text in machine)]


def unexplained(blamed: dict[str, int]) -> Iterator[str]:
    """Yield a doubt where more than 1 % of the failed requests have no known cause."""
    total, unknown = sum(blamed.values()), blamed.get(UNEXPLAINED, 0)
    if unknown > UNEXPLAINED_SHARE * total:
        yield f"{unknown} of {total} failed requests are unexplained by anything that the history holds"


def disagreements(spans: Sequence[FaultSpan], faults: Sequence[FaultMeasures], held: list[Tenure]) -> Iterator[str]:
    """Yield where the nodes and the client's ARP probes tell of different times without, or with two, owners.

    `held` is who surely held the VIP, however late an observer got its turn.
    """
    for span, fault in zip(spans, faults, strict=True):
        for what, count, inside, outside in (
            ("no", NOBODY, fault.no_master_s, fault.no_master_seen_s),
            ("two", SEVERAL, fault.dual_master_s, fault.dual_master_seen_s),
        ):
            ours = held_by(held, count, span.injected.start_ns, span.until_ns)
            if not isinstance(outside, Bounds):
                continue
            if ours.max + SEEING_S < outside.min or outside.max + SEEING_S < ours.min:
                yield (
                    f"after {fault.fault} on {fault.node} the nodes tell of {told(inside)} s with {what} owner of the "
                    f"VIP, the client's ARP probes of {told(outside)} s"
                )


def _clocks(history: History) -> Iterator[str]:
    for name, what in (("boot_id", "kernel"), ("time_namespace", "time namespace")):
        seen: dict[str, str] = {}
        for event in history.of(Bracket):
            seen.setdefault(str(getattr(event.data, name)), f"{event.agent} on {event.node}")
        if len(seen) > 1:
            yield f"the agents do not share one clock: another {what} at {' and '.join(seen.values())}"


def _steps(history: History) -> Iterator[str]:
    """Yield where CLOCK_REALTIME, which the kernel stamps packets by, was set in the middle of the trial.

    Every bracket tells it against CLOCK_MONOTONIC to within half its width: all must overlap, but for slewing.
    """
    told = ((e.data.realtime_offset_ns, e.data.offset_width_ns) for e in history.of(Bracket))
    brackets = [(offset, width // 2) for offset, width in told if offset is not None and width is not None]
    if not brackets:
        return
    least = max(offset - half for offset, half in brackets)
    most = min(offset + half for offset, half in brackets)
    if least - most > SLEW * (history.end_ns - history.start_ns) + STEP_NS:
        yield f"CLOCK_REALTIME was set by {(least - most) / 1e6:.1f} ms: the stamps of packets cannot be trusted"


def _losses(history: History) -> Iterator[str]:
    for event in history.of(AgentLost):
        yield f"{event.agent} on {event.node} lost {event.data.count} events: {event.data.reason}"


def _gaps(history: History) -> Iterator[str]:
    """Yield the agents whose events are not numbered without a gap; a new start begins at 0 again."""
    numbers: dict[tuple[str, str], list[int]] = {}
    for event in history.events:
        numbers.setdefault((event.node, event.agent), []).append(event.seq)
    for (node, agent), seen in sorted(numbers.items()):
        # Each start numbers from 0 on; whatever order stamps put them into, the multiset has no hole.
        starts, last = max(seen.count(0), 1), max(seen)
        missing = last - sum(1 for n, times in Counter(seen).items() if 0 <= n < last and times <= starts)
        if missing:
            yield f"{agent} on {node} lost {missing} events: its numbers have gaps"


def _starved(history: History) -> Iterator[str]:
    """Yield where the machine under the lab was taken away: steal between an agent's start and its stop."""
    start, stop = _prober_ran(history)
    if start is None or stop is None or start.data.steal_ticks is None or stop.data.steal_ticks is None:
        return
    ticks = (stop.data.steal_ticks - start.data.steal_ticks) / max(1, start.data.cpus)
    share = ticks / max(1, start.data.ticks_per_s) * NS / max(1, stop.t_ns - start.t_ns)
    if share > STEAL_SHARE:
        yield f"{share:.0%} of this machine's processors was taken by others (steal)"


def _pressed(history: History) -> Iterator[str]:
    """Yield where a chain may not have become steady because somebody waited for a processor most of the time."""
    for event in history.of(Unsteady):
        if event.data.stalled_share > PRESSED_SHARE:
            share = event.data.stalled_share
            yield f"for {share:.0%} of the wait somebody had no processor to run on: this machine is too busy"


def strain(history: History) -> Doubt | None:
    """Return what excuses a figure that is too slow: somebody waited for a processor for much of the trial, or a burst.

    Waiting makes nothing faster, so a trial that passes all the same has passed.
    """
    start, stop = _prober_ran(history)
    if start is None or stop is None:
        return None
    ends = [(e.t_ns, stalled) for e in (start, stop) if (stalled := e.data.stalled_us) is not None]
    whole = _share(ends[0], ends[-1]) if len(ends) > 1 else 0.0
    if whole > PRESSED_SHARE:
        return Doubt(
            f"for {whole:.0%} of the trial somebody had no processor to run on: this machine is too busy", True
        )
    if (ratio := _queued(history, start.t_ns, stop.t_ns)) > QUEUED:
        told = f"the chain's daemons waited {ratio:.1f} times as long for a processor as they ran"
        return Doubt(f"{told}: this machine is too busy", True)
    samples = [(e.t_ns, e.data.stalled_us) for e in history.of(AgentPressure) if start.t_ns <= e.t_ns <= stop.t_ns]
    bursts = list(zip(samples, samples[BURST:], strict=False))
    worst = max(bursts, key=lambda burst: round(_share(*burst), 2), default=None)
    if worst is None or _share(*worst) <= BURST_SHARE:
        return None
    at_s, lasted_s = (worst[0][0] - start.t_ns) / NS, (worst[1][0] - worst[0][0]) / NS
    when = f"for {_share(*worst):.0%} of {lasted_s:.0f} s, {at_s:.0f} s after the clients' start,"
    return Doubt(f"{when} somebody had no processor to run on: this machine was too busy", True)


def _queued(history: History, start_ns: int, stop_ns: int) -> float:
    """Return how much longer all daemons' threads were ready without a processor than they ran."""
    told: dict[str, list[Turns]] = {}
    for event in history.of(Turns):
        if start_ns <= event.t_ns <= stop_ns:
            told.setdefault(event.node, []).append(event.data)
    both = [pair for rows in told.values() for pair in pairwise(rows)]
    ran = sum(_more(one.ran_ns, other.ran_ns) for one, other in both)
    return sum(_more(one.waited_ns, other.waited_ns) for one, other in both) / ran if ran else 0.0


def _more(before: dict[str, int], after: dict[str, int]) -> int:
    """Return by how much the daemons' counts have grown; one that has begun anew counts from its next look."""
    return sum(max(0, ns - before[name]) for name, ns in after.items() if name in before)


def _share(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Return the share of the time between two readings, each (ns, stalled µs), for which somebody waited."""
    return (other[1] - one[1]) * 1000 / max(1, other[0] - one[0])


def _prober_ran(history: History) -> tuple[Event[AgentStart] | None, Event[AgentStop] | None]:
    """Return the prober's own brackets; None for one that is missing."""
    starts = (e for e in history.of(AgentStart, "client") if e.agent == "prober")
    stops = (e for e in history.of(AgentStop, "client") if e.agent == "prober")
    return next(starts, None), next(stops, None)


def _clients(history: History) -> Iterator[str]:
    if any(history.of(Unsteady)):
        return  # none was started
    if next(history.of(Probe), None) is None:
        yield "the prober recorded no request"
        return
    account = prober(history)
    if account is None:
        yield "the prober left no summary: it did not end as it should"
        return
    if account.cap_hits:
        yield f"{account.cap_hits} requests were not sent because too many were under way"


def _late(history: History) -> Iterator[str]:
    account = prober(history)
    if account is None or account.lateness_ms_p99 is None:
        return
    if account.lateness_ms_p99 > LATENESS_MS:
        yield (
            f"the prober was {account.lateness_ms_p99:.1f} ms late (p99), more than {LATENESS_MS:.0f} ms: "
            "this machine is too busy"
        )
