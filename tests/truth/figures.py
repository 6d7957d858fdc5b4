"""The harness' figure of each deed, the length that it must hold, and how wide sampling makes its bounds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from harness.analysis.blackout import RESENT_NS, longest
from harness.analysis.outside import Asked, seen_for
from harness.analysis.owners import NOBODY, SEVERAL
from harness.analysis.requests import latency_ms, quantile
from harness.clock import NS, Bounds, Measured
from harness.events import Probe
from harness.history import Event
from tests.truth.cases import Case

PERIOD_S, ASK_S = 0.01, 0.005  # a stream's and the ARP probes', at the default rates
OWNERS = {"gap": NOBODY, "dual": SEVERAL}  # how many have the VIP meanwhile
STREAM_S, OWNER_S = 2.5 * PERIOD_S, 0.012  # how wide half of the bounds may be on a quiet machine
AROUND_NS = round(3 * PERIOD_S * NS)
SLOW_S = RESENT_NS / 2 / NS  # what took longer was lost, or lay in the blackout itself


def holds(found: Bounds, truth_ns: tuple[int, int]) -> bool:
    """Say whether some length that the truth allows lies within the bounds."""
    return found.min <= truth_ns[1] / NS and found.max >= truth_ns[0] / NS


def unanswered_ns(probes: Sequence[Event[Probe]], case: Case) -> tuple[int, int]:
    """Return how long nobody was answered: the deed's own length, and until the first answer after it.

    Where cores lack, what has piled up meanwhile is answered some 0.1 s after the way is free.
    """
    least, most = case.truth_ns
    return least, max(most, _answered_ns(probes, case) - case.told["on"][0])


def blackout(probes: Sequence[Event[Probe]], case: Case) -> Measured:
    """Return the blackout around the deed; a busy machine makes others as long, at another time."""
    return longest(probes, case.told["on"][0] - AROUND_NS, _answered_ns(probes, case) + AROUND_NS)


def blackout_s(probes: Sequence[Event[Probe]], case: Case) -> float:
    """Return how wide the bounds of a blackout may be: two periods, and what the requests beside it took."""
    return 2 * PERIOD_S + 2 * _beside(probes, case)


def owners(probes: Sequence[Asked], case: Case) -> Bounds | None:
    """Return for how long the client's ARP probes saw the VIP with as many owners as the deed makes."""
    return seen_for(probes, OWNERS[case.kind], case.start_ns, case.end_ns)


def owners_s(probes: Sequence[Asked], case: Case) -> float:
    """Return how wide those bounds may be: the two pauses around, a period each unless the asker was late."""
    sent = [p.sent_ns for p in probes if case.start_ns <= p.sent_ns <= case.end_ns]
    return 2 * max(max(b - a for a, b in pairwise(sent)) / NS, ASK_S)


def usual_s(probes: Sequence[Event[Probe]], cases: Sequence[Case]) -> float:
    """Return what nine answers of ten took at most before the first deed, in seconds."""
    began_ns = min(case.start_ns for case in cases)
    return (quantile(latency_ms(e for e in probes if e.t_ns < began_ns), 0.9) or 0.0) / 1e3


def _answered_ns(probes: Sequence[Event[Probe]], case: Case) -> int:
    """Return when the first answer after the deed came, however late that was."""
    return min(e.t_ns for e in probes if e.data.error is None and case.told["off"][0] < e.t_ns)


def _beside(probes: Sequence[Event[Probe]], case: Case) -> float:
    """Return what the slowest request beside a blackout took, in seconds; one that it caught, until it did."""
    on = case.told["on"][0]
    near = [e for e in probes if case.start_ns <= e.t_ns <= case.end_ns and e.data.error is None]
    took = [t for e in near if (t := (e.t_ns - e.data.due_ns) / NS) < SLOW_S]
    caught: list[float] = [(on - e.data.due_ns) / NS for e in probes if e.data.due_ns < on < e.t_ns]
    return max(took + caught, default=0.0)
