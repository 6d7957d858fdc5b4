"""What makes a trial's numbers unfit to judge by, told in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from harness.analysis.blame import UNEXPLAINED
from harness.analysis.faults import FaultSpan
from harness.analysis.owners import NOBODY, SEVERAL, Tenure, held_by
from harness.analysis.requests import prober
from harness.clock import NS, Bounds, measured_from
from harness.history import History
from harness.verdict import FaultMeasures, told

LATENESS_MS = 20.0
UNEXPLAINED_SHARE = 0.01
STEAL_SHARE = 0.1
# What adjtimex may slew a clock by (500 ppm), and how much of a step no figure would show.
SLEW, STEP_NS = 500e-6, 1_000_000
SEEING_S = 0.01  # two ARP probes: a busy node's answer is taken for the next one's


def doubts(history: History) -> list[str]:
    """Return every reason to doubt the history; none where it may be judged."""
    return [
        *_clocks(history),
        *_steps(history),
        *_losses(history),
        *_gaps(history),
        *_starved(history),
        *_clients(history),
    ]


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
            ours, theirs = held_by(held, count, span.injected.start_ns, span.until_ns), measured_from(outside)
            if not isinstance(theirs, Bounds):
                continue
            if ours.max + SEEING_S < theirs.min or theirs.max + SEEING_S < ours.min:
                yield (
                    f"after {fault.fault} on {fault.node} the nodes tell of {told(inside)} s with {what} owner of the "
                    f"VIP, the client's ARP probes of {told(outside)} s"
                )


def _clocks(history: History) -> Iterator[str]:
    for name, what in (("boot_id", "kernel"), ("time_namespace", "time namespace")):
        seen: dict[str, str] = {}
        for kind in ("agent.start", "agent.stop"):
            for event in history.of(kind):
                seen.setdefault(str(event.data[name]), f"{event.agent} on {event.node}")
        if len(seen) > 1:
            yield f"the agents do not share one clock: another {what} at {' and '.join(seen.values())}"


def _steps(history: History) -> Iterator[str]:
    """Yield where CLOCK_REALTIME, which the kernel stamps packets by, was set in the middle of the trial.

    Every bracket tells it against CLOCK_MONOTONIC to within half its width: all must overlap, but for slewing.
    """
    brackets = [e for kind in ("agent.start", "agent.stop") for e in history.of(kind) if "offset_width_ns" in e.data]
    if not brackets:
        return
    least = max(e.data["realtime_offset_ns"] - e.data["offset_width_ns"] // 2 for e in brackets)
    most = min(e.data["realtime_offset_ns"] + e.data["offset_width_ns"] // 2 for e in brackets)
    if least - most > SLEW * (history.end_ns - history.start_ns) + STEP_NS:
        yield f"CLOCK_REALTIME was set by {(least - most) / 1e6:.1f} ms: the stamps of packets cannot be trusted"


def _losses(history: History) -> Iterator[str]:
    for event in history.of("agent.lost"):
        yield f"{event.agent} on {event.node} lost {event.data['count']} events: {event.data['reason']}"


def _gaps(history: History) -> Iterator[str]:
    """Yield the agents whose events are not numbered without a gap; a new start begins at 0 again."""
    numbers: dict[tuple[str, str], list[int]] = {}
    for event in history.events:
        numbers.setdefault((event.node, event.agent), []).append(event.seq)
    for (node, agent), seen in sorted(numbers.items()):
        starts = seen.count(0)
        # Each start numbers from 0 on; whatever order stamps put them into, the multiset has no hole.
        counts = Counter(seen)
        missing = sum(1 for n in range(max(seen)) if not 0 < counts[n] <= max(starts, 1))
        if missing:
            yield f"{agent} on {node} lost {missing} events: its numbers have gaps"


def _starved(history: History) -> Iterator[str]:
    """Yield where the machine under the lab was taken away: steal between an agent's start and its stop."""
    for start in history.of("agent.start", "client"):
        if start.agent != "prober" or "steal_ticks" not in start.data:
            continue
        stop = next((e for e in history.of("agent.stop", "client") if e.agent == "prober"), None)
        if stop is None:
            continue
        cpus = max(1, start.data["cpus"])
        seconds = (stop.data["steal_ticks"] - start.data["steal_ticks"]) / start.data["ticks_per_s"] / cpus
        share = seconds * NS / max(1, stop.t_ns - start.t_ns)
        if share > STEAL_SHARE:
            yield f"{share:.0%} of this machine's processors was taken by others (steal)"


def _clients(history: History) -> Iterator[str]:
    if next(history.of("probe"), None) is None:
        yield "the prober recorded no request"
        return
    account = prober(history)
    if account is None:
        yield "the prober left no summary: it did not end as it should"
        return
    if account.cap_hits:
        yield f"{account.cap_hits} requests were not sent because too many were under way"
    if account.lateness_ms_p99 is not None and account.lateness_ms_p99 > LATENESS_MS:
        yield (
            f"the prober was {account.lateness_ms_p99:.1f} ms late (p99), more than {LATENESS_MS:.0f} ms: "
            "this machine is too busy"
        )
