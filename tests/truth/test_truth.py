"""The harness' figures against faults of known length: each must hold the truth within its own bounds."""

from itertools import pairwise
from statistics import median

import pytest

from harness.analysis.blackout import RESENT_NS, longest
from harness.analysis.outside import asked, seen_for
from harness.clock import NS, Bounds
from tests.truth.cases import LENGTHS_MS, REPEATS

pytestmark = pytest.mark.lab
PERIOD_S, ASK_S = 0.01, 0.005  # a stream's and the ARP probes', at the default rates
OWNER_S = 0.012  # who has the VIP is known as well as this
AROUND_NS = round(3 * PERIOD_S * NS)
SLOW_S = RESENT_NS / 2 / NS  # what took longer was lost, or lay in the blackout itself


def holds(found: Bounds, truth_ns: tuple[int, int]) -> bool:
    """Say whether some length that the truth allows lies within the bounds."""
    return found.min <= truth_ns[1] / NS and found.max >= truth_ns[0] / NS


def describe(case, found, truth_ns) -> str:
    least, most = (ns / 1e6 for ns in truth_ns)
    return f"{case.kind} {case.length_ms} ms: truth {least:.2f}–{most:.2f} ms, found {found}"


def test_there_are_enough_cases(truth):
    assert len(truth.cases) >= 40
    assert {c.length_ms for c in truth.of("drop")} == set(LENGTHS_MS)
    assert len(truth.of("gap")) == len(LENGTHS_MS) * REPEATS


def judge(cases, measured, allowed_s, true_ns=lambda case: case.truth_ns) -> None:
    """Every figure holds the truth, and is no wider than sampling makes it."""
    wrong = []
    for case in cases:
        found = measured(case)
        exact = isinstance(found, Bounds) and found.max - found.min <= allowed_s(case)
        if not exact or not holds(found, true_ns(case)):
            wrong.append(f"{describe(case, found, true_ns(case))}, allowed {allowed_s(case):.4f} s wide")
    assert not wrong


def answered_ns(probes, case) -> int:
    """Return when the first answer after the deed came."""
    return min(e.t_ns for e in probes if e.data["error"] is None and case.told["off"][0] < e.t_ns <= case.end_ns)


def unanswered_ns(probes, case) -> tuple[int, int]:
    """Return how long nobody was answered: the deed's own length, and until the first answer after it.

    Where cores lack, what has piled up meanwhile is answered some 0.1 s after the way is free.
    """
    least, most = case.truth_ns
    return least, max(most, answered_ns(probes, case) - case.told["on"][0])


def seen(probes, case):
    """Return the blackout around the deed; a busy machine makes others as long, at another time."""
    return longest(probes, case.told["on"][0] - AROUND_NS, answered_ns(probes, case) + AROUND_NS)


def beside(probes, case) -> float:
    """Return what the slowest request beside a blackout took, in seconds; one that it caught, until it did."""
    on = case.told["on"][0]
    near = [e for e in probes if case.start_ns <= e.t_ns <= case.end_ns and e.data["error"] is None]
    took = [t for e in near if (t := (e.t_ns - e.data["due_ns"]) / NS) < SLOW_S]
    return max(took + [(on - e.data["due_ns"]) / NS for e in probes if e.data["due_ns"] < on < e.t_ns])


@pytest.mark.parametrize("stream", ["fresh", "kept"])
def test_a_blackout_in_the_clients_path(truth, stream):
    """The bounds are two periods wide, and what the requests beside the blackout took; half of them under 2.5."""
    probes = list(truth.history.of("probe", stream=stream))

    def allowed_s(case):
        return 2 * PERIOD_S + 2 * beside(probes, case)

    cases = truth.of("drop")
    judge(cases, lambda case: seen(probes, case), allowed_s, lambda case: unanswered_ns(probes, case))
    assert median(found.max - found.min for found in (seen(probes, c) for c in cases)) <= 2.5 * PERIOD_S


@pytest.mark.parametrize("stream", ["fresh", "kept"])
def test_a_proxy_that_stops_answering(truth, stream):
    """What is only slow at each end cannot be told from what is stopped: that much wider are the bounds."""
    probes = list(truth.history.of("probe", stream=stream))
    judge(
        truth.of("freeze"),
        lambda case: seen(probes, case),
        lambda case: 2 * PERIOD_S + 2 * beside(probes, case) + (RESENT_NS + RESENT_NS // 2) / NS,
        lambda case: unanswered_ns(probes, case),
    )


@pytest.mark.parametrize(("kind", "owners"), [("gap", range(1)), ("dual", range(2, 9))])
def test_nobody_and_two_at_once_have_the_vip(truth, kind, owners):
    """The bounds are as wide as the two pauses around, a period each unless the asker was late; half under 12 ms."""
    probes = asked(truth.history)

    def allowed_s(case) -> float:
        sent = [p.sent_ns for p in probes if case.start_ns <= p.sent_ns <= case.end_ns]
        return 2 * max(max(b - a for a, b in pairwise(sent)) / NS, ASK_S)

    def found(case):
        return seen_for(probes, lambda n: n in owners, case.start_ns, case.end_ns)

    cases = truth.of(kind)
    judge(cases, found, allowed_s)
    assert median(found(case).max - found(case).min for case in cases) <= OWNER_S


def test_every_refused_connection_is_counted(truth):
    """The kernel's own counter is the truth; the writer's connections are among those refused."""
    for case in truth.of("refuse"):
        events = [*truth.history.of("probe", error="refused"), *truth.history.of("write", error="refused")]
        counted = [e for e in events if case.start_ns < e.t_ns < case.end_ns]
        assert len(counted) == case.told["packets"] > 0


def test_inside_and_outside_tell_the_same(truth):
    """The nodes' own view, netlink, of the same times without an owner."""
    for case in truth.of("gap"):
        changes = [e for e in truth.history.of("vip", "m1") if case.start_ns < e.t_ns < case.end_ns]
        removed, added = changes[0], changes[-1]
        assert (removed.data["present"], added.data["present"]) == (False, True)
        inside = (added.t_ns - removed.t_ns) / NS
        least, most = (ns / NS for ns in case.truth_ns)
        assert least - 0.02 <= inside <= most + 0.02
