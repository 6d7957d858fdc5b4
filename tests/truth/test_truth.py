"""The harness' figures against faults of known length: each must hold the truth within its own bounds."""

import pytest

from harness.analysis.blackout import longest
from harness.analysis.outside import asked, seen_for
from harness.clock import NS, Bounds
from tests.truth.cases import LENGTHS_MS, REPEATS

pytestmark = pytest.mark.lab
PERIOD_S = 0.01  # each stream's, at the default rates
ASK_S = 0.005


def holds(found: Bounds, truth_ns: tuple[int, int]) -> bool:
    """Say whether some length that the truth allows lies within the bounds."""
    return found.min <= truth_ns[1] / NS and found.max >= truth_ns[0] / NS


def describe(case, found) -> str:
    least, most = (ns / 1e6 for ns in case.truth_ns)
    return f"{case.kind} {case.length_ms} ms: truth {least:.2f}–{most:.2f} ms, found {found}"


def test_there_are_enough_cases(truth):
    assert len(truth.cases) >= 40
    assert {c.length_ms for c in truth.of("drop")} == set(LENGTHS_MS)
    assert len(truth.of("gap")) == len(LENGTHS_MS) * REPEATS


@pytest.mark.parametrize("stream", ["fresh", "kept"])
def test_a_blackout_in_the_clients_path(truth, stream):
    wrong = []
    for case in truth.of("drop"):
        found = longest(truth.history.of("probe", stream=stream), case.start_ns, case.end_ns)
        if not isinstance(found, Bounds) or not holds(found, case.truth_ns) or found.max - found.min > 2.5 * PERIOD_S:
            wrong.append(describe(case, found))
    assert not wrong


def test_a_time_without_an_owner(truth):
    probes, wrong = asked(truth.history), []
    for case in truth.of("gap"):
        found = seen_for(probes, lambda owners: owners == 0, case.start_ns, case.end_ns)
        if found is None or not holds(found, case.truth_ns) or found.max - found.min > 0.012:
            wrong.append(describe(case, found))
    assert not wrong


def test_two_owners_at_once(truth):
    probes, wrong = asked(truth.history), []
    for case in truth.of("dual"):
        found = seen_for(probes, lambda owners: owners > 1, case.start_ns, case.end_ns)
        if found is None or not holds(found, case.truth_ns) or found.max - found.min > 0.012:
            wrong.append(describe(case, found))
    assert not wrong


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
